//! Sends calls on through a trunk by the dialled number: PORT.

use switchwire::dial::{DialString, Endpoint};
use switchwire::{Connection, EventType, HangupCause, Listener, Result};

fn serve(connection: &Connection) -> Result<()> {
    connection.linger(Some(10))?;
    connection.myevents(None)?;
    let call = connection.own_call()?;
    let info = connection.info();
    let dialled =
        info.and_then(|info| info.header("Caller-Destination-Number").map(String::from)).unwrap_or_default();
    let number = dialled.strip_prefix('0').unwrap_or(&dialled).to_owned();

    call.set_all([("continue_on_fail", "true"), ("hangup_after_bridge", "true")])?;
    let bridge = call.bridge(DialString::new(Endpoint::gateway("trunk", &*number)).timeout(30))?;
    if !bridge.answered {
        call.hangup(bridge.cause.unwrap_or(HangupCause::NormalTemporaryFailure))?;
    }
    // What is billed comes with the last event.
    for event in connection {
        if event.event_type() == EventType::ChannelHangupComplete {
            let seconds = event.header("variable_billsec").unwrap_or_default();
            println!("{number}: {} {seconds} seconds", event.header("Hangup-Cause").unwrap_or_default());
            break;
        }
    }
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("a port")?;
    Listener::bind(("127.0.0.1", port.parse()?))?.serve(|connection| serve(&connection))?.join();
    Ok(())
}
