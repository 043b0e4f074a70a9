//! Records every call that is answered: HOST PORT PASSWORD FOLDER [HOW MANY].

use switchwire::application::RecordSession;
use switchwire::{Connection, EventType, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, folder, rest @ ..] = &words[..] else { return Err("four arguments".into()) };
    let mut left = rest.first().map_or(Ok(usize::MAX), |text| text.parse())?;
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().events([EventType::ChannelAnswer, EventType::RecordStop]))?;

    while left > 0 {
        let event = connection.recv_event()?;
        let uuid = event.unique_id().unwrap_or_default();
        if event.event_type() == EventType::ChannelAnswer {
            println!("recording {uuid}");
            let recording = RecordSession::new(format!("{folder}/{uuid}.wav")).limit(3600);
            connection.call(&*uuid)?.start_recording(recording)?;
        } else {
            println!("complete: {}", event.header("Record-File-Path").unwrap_or_default());
            left -= 1;
        }
    }
    Ok(())
}
