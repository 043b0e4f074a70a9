//! Gets a note that is meant for the program which has the call: PORT.

use switchwire::{Connection, Event, HangupCause, Listener, Result};

fn serve(connection: &Connection) -> Result<()> {
    let call = connection.own_call()?;
    connection.divert_events(true)?;

    // Any other program can send this.
    let mut note = Event::custom("desk::note");
    note.add_header("Unique-ID", call.uuid()).add_header("Note", "the caller is a good customer");
    connection.send_event(&note)?;

    for event in connection {
        if let Some(note) = event.header("Note") {
            println!("a note: {note}");
            break;
        }
    }
    call.hangup(HangupCause::NormalClearing)
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("a port")?;
    Listener::bind(("127.0.0.1", port.parse()?))?.serve(|connection| serve(&connection))?.join();
    Ok(())
}
