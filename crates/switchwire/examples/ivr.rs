//! An IVR: greets, collects four digits in three tries, says them back, connects, or else records a message.
//! In the dialplan: `<action application="socket" data="127.0.0.1:8084 async full"/>`.

use switchwire::application::{PlayAndGetDigits, Record, Say};
use switchwire::dial::{DialString, Endpoint};
use switchwire::vocabulary::{SayMethod, SayType};
use switchwire::{Call, Connection, Listener, Result};

fn ivr(call: &Call, messages: &str) -> Result<String> {
    call.answer()?;
    call.playback("ivr/ivr-welcome.wav")?;
    let ask = PlayAndGetDigits::new(4, 4, "ivr/ivr-enter_ext.wav").tries(3).timeout(5000).pattern("^[2-9]");
    if let Some(number) = call.play_and_get_digits(&ask.invalid_file("ivr/ivr-invalid_entry.wav"))?.digits {
        call.say(&Say::new("en", SayType::NameSpelled, SayMethod::Iterated, &*number))?;
        call.set_all([("continue_on_fail", "true"), ("hangup_after_bridge", "true")])?;
        let extension = DialString::new(Endpoint::loopback(&*number, "default")).timeout(20);
        let bridge = call.bridge(extension)?;
        if bridge.answered {
            return Ok(format!("talked to {number}"));
        }
        println!("{number}: {}", bridge.cause.map_or_else(String::new, |cause| cause.to_string()));
    }
    call.playback("voicemail/vm-record_message.wav")?;
    call.set("playback_terminators", "#")?;
    let message = call.record(&Record::new(format!("{messages}/{}.wav", call.uuid())).limit(60))?;
    Ok(format!("left a message, which ended by {}", message.end.name()))
}

pub(crate) fn handle(connection: &Connection, messages: &str) -> Result<String> {
    connection.linger(Some(5))?;
    connection.myevents(None)?;
    ivr(&connection.own_call()?, messages)
}

fn main() -> Result<()> {
    let serve = |connection: Connection| handle(&connection, "/tmp").map(|end| println!("{end}"));
    Listener::bind("127.0.0.1:8084")?.serve(serve)?.join();
    Ok(())
}
