//! Prints the events of one call until it ends: HOST PORT PASSWORD UUID.

use switchwire::{Connection, EventType};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, uuid] = &words[..] else { return Err("four arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.myevents_of(uuid)?;
    connection.linger(Some(5))?;
    for event in &connection {
        assert_eq!(event.unique_id().as_deref(), Some(&**uuid));
        println!("{}", event.name());
        if event.event_type() == EventType::ChannelHangupComplete {
            break;
        }
    }
    println!("the call has ended");
    Ok(())
}
