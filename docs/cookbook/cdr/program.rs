//! Writes a record of each call: HOST PORT PASSWORD FILE [HOW MANY].

use std::fs::OpenOptions;
use std::io::Write;

use switchwire::{Connection, EventType, Subscription};

const FIELDS: [&str; 5] = [
    "Caller-Destination-Number",
    "variable_start_stamp",
    "variable_duration",
    "variable_billsec",
    "Hangup-Cause",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, path, rest @ ..] = &words[..] else { return Err("four arguments".into()) };
    let most = rest.first().map_or(Ok(usize::MAX), |text| text.parse())?;
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().event(EventType::ChannelHangupComplete))?;

    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    for event in connection.iter().take(most) {
        let fields: Vec<_> = FIELDS.iter().map(|name| event.header(name).unwrap_or_default()).collect();
        let record = fields.join(",");
        writeln!(file, "{record}")?;
        println!("{record}");
    }
    Ok(())
}
