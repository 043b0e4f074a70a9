//! Asks for the status, makes a call and follows it: HOST PORT PASSWORD.

use switchwire::{Connection, EventType, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password] = &words[..] else { return Err("three arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    let status = connection.api("status", "")?.text().into_owned();
    println!("{}", status.lines().next().unwrap_or_default());

    connection.subscribe(&Subscription::new().events([
        EventType::ChannelCreate,
        EventType::ChannelAnswer,
        EventType::ChannelHangupComplete,
    ]))?;
    // The leg is answered, sleeps for 100 ms, and hangs up.
    connection.bgapi("originate", "null/test &sleep(100)")?;
    for event in &connection {
        println!("{}", event.name());
        if event.event_type() == EventType::ChannelHangupComplete {
            println!("ended: {}", event.header("Hangup-Cause").unwrap_or_default());
            break;
        }
    }
    Ok(())
}
