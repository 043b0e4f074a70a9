//! Answers calls and puts them into a conference: PORT.

use switchwire::{Connection, EventFormat, EventType, Listener, Result};

fn serve(connection: &Connection) -> Result<()> {
    connection.linger(Some(10))?;
    connection.myevents(None)?;
    connection.events(EventFormat::Plain, "CUSTOM conference::maintenance")?;
    let call = connection.own_call()?;
    call.answer()?;
    connection.execute("conference", "3000@default", None)?;
    for event in connection {
        match event.event_type() {
            EventType::Custom if event.header("Action").as_deref() == Some("add-member") => {
                println!("member {} is in the room", event.header("Member-ID").unwrap_or_default());
            }
            EventType::ChannelHangupComplete => {
                println!("{} left: {}", call.uuid(), event.header("Hangup-Cause").unwrap_or_default());
                break;
            }
            _ => {}
        }
    }
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("a port")?;
    Listener::bind(("127.0.0.1", port.parse()?))?.serve(|connection| serve(&connection))?.join();
    Ok(())
}
