//! Calls, and lets a dialogue program hear and speak: HOST PORT PASSWORD DIAL DIALOGUE_PORT.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{Call, Connection, EventType, HangupCause, Subscription};

/// The bot's turn: speaks, without waiting for the end; whether it will listen then.
fn turn(
    bot: &mut BufReader<TcpStream>,
    fs: &Connection,
    call: &Call,
) -> Result<bool, Box<dyn std::error::Error>> {
    let mut line = String::new();
    bot.read_line(&mut line)?;
    let (verb, text) = line.trim_end().split_once(' ').ok_or("the dialogue has ended")?;
    println!("bot: {text}");
    fs.execute("speak", &format!("flite|slt|{text}"), Some(call.uuid()))?;
    Ok(verb == "ask")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, dial, dialogue] = &words[..] else { return Err("five arguments".into()) };
    let mut bot = BufReader::new(TcpStream::connect(("127.0.0.1", dialogue.parse()?))?);
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().events([
        EventType::DetectedSpeech,
        EventType::ChannelExecuteComplete,
        EventType::ChannelHangupComplete,
        EventType::BackgroundJob,
    ]))?;
    let dial = DialString::new(Endpoint::from_text(dial)).timeout(20);
    let call = connection
        .originate_call(&Originate::new(dial, Target::application("park")), Duration::from_secs(30))?;
    call.execute("detect_speech", "pocketsphinx yesno yesno")?;

    let mut listens = turn(&mut bot, &connection, &call)?;
    for event in connection.iter().filter(|event| event.unique_id().as_deref() == Some(call.uuid())) {
        let is = |name: &str, value: &str| event.header(name).as_deref() == Some(value);
        if event.event_type() == EventType::ChannelHangupComplete {
            println!("ended: {}", event.header("Hangup-Cause").unwrap_or_default());
            break;
        }
        if event.event_type() == EventType::ChannelExecuteComplete && is("Application", "speak") && !listens {
            call.hangup(HangupCause::NormalClearing)?;
        } else if is("Speech-Type", "begin-speaking") {
            // Who is interrupted stops to speak.
            call.stop_playback()?;
        } else if is("Speech-Type", "detected-speech") && listens {
            let body = event.body_text().unwrap_or_default();
            let input = body.split_once("<input").and_then(|(_, rest)| rest.split_once('>'));
            let heard = input.map_or("", |(_, rest)| rest.split('<').next().unwrap_or_default().trim());
            println!("caller: {heard}");
            writeln!(bot.get_mut(), "{heard}")?;
            call.execute("detect_speech", "resume")?;
            listens = turn(&mut bot, &connection, &call)?;
        }
    }
    Ok(())
}
