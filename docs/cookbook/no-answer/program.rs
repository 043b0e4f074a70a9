//! An originate that is not answered, then such a bridge: HOST PORT PASSWORD ANSWERS NEVER.

use std::time::Duration;

use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{Connection, ErrorKind, EventType, HangupCause, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, answers, never] = &words[..] else { return Err("five arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().events([
        EventType::BackgroundJob,
        EventType::ChannelExecuteComplete,
        EventType::ChannelHangupComplete,
    ]))?;
    let dial = |who: &str| DialString::new(Endpoint::from_text(who)).timeout(1);
    let make = |who: &str| Originate::new(dial(who), Target::application("park"));

    match connection.originate_call(&make(never), Duration::from_secs(30)) {
        Ok(_) => println!("they answered"),
        Err(error) if error.kind() == ErrorKind::Hangup => {
            println!("originate: {}", error.cause().map_or_else(String::new, |cause| cause.to_string()));
        }
        Err(error) => return Err(error.into()),
    }

    let call = connection.originate_call(&make(answers), Duration::from_secs(30))?;
    call.set("continue_on_fail", "true")?;
    let bridge = call.bridge(dial(never))?;
    println!("bridge: {}", bridge.cause.map_or_else(|| "answered".to_owned(), |cause| cause.to_string()));
    if connection.api("uuid_exists", call.uuid())?.text() == "true" {
        println!("the first leg is still up");
    }
    call.hangup(HangupCause::NormalClearing)?;
    Ok(())
}
