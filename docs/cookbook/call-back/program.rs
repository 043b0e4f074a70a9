//! Rings one person, and when they answer connects them to another: HOST PORT PASSWORD CALLER CALLEE.

use std::time::Duration;

use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{Connection, EventType, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, caller, callee] = &words[..] else { return Err("five arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().events([
        EventType::BackgroundJob,
        EventType::ChannelExecuteComplete,
        EventType::ChannelHangupComplete,
    ]))?;

    let dial = DialString::new(Endpoint::from_text(caller)).timeout(20);
    let originate = Originate::new(dial, Target::application("park"));
    // Fails with the cause when they do not answer.
    let call = connection.originate_call(&originate, Duration::from_secs(30))?;
    println!("{caller} answered");

    call.set("hangup_after_bridge", "true")?;
    let bridge = call.bridge(DialString::new(Endpoint::from_text(callee)).timeout(20))?;
    match bridge.cause {
        _ if bridge.answered => println!("they talked"),
        Some(cause) => println!("{callee} did not answer: {cause}"),
        None => println!("{callee} did not answer"),
    }
    Ok(())
}
