//! Shows who waits in the queues and who can help: HOST PORT PASSWORD [HOW MANY CHANGES].

use std::collections::BTreeMap;

use switchwire::{Connection, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, rest @ ..] = &words[..] else { return Err("three arguments".into()) };
    let mut left = rest.first().map_or(Ok(usize::MAX), |text| text.parse())?;
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().custom("callcenter::info"))?;

    let mut agents: BTreeMap<String, String> = BTreeMap::new();
    while left > 0 {
        let event = connection.recv_event()?;
        let header = |name| event.header(name).unwrap_or_default().into_owned();
        match &*header("CC-Action") {
            "agent-status-change" => drop(agents.insert(header("CC-Agent"), header("CC-Agent-Status"))),
            "members-count" => {
                let available = agents.values().filter(|status| *status == "Available").count();
                println!("{}: {} waiting, {available} available", header("CC-Queue"), header("CC-Count"));
                left -= 1;
            }
            _ => {}
        }
    }
    Ok(())
}
