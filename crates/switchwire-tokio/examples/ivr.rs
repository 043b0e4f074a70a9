//! An IVR: greets, collects four digits in three tries, says them back, connects, or else records a message.
//! In the dialplan: `<action application="socket" data="127.0.0.1:8084 async full"/>`.

use switchwire_tokio::application::{PlayAndGetDigits, Record, Say};
use switchwire_tokio::dial::{DialString, Endpoint};
use switchwire_tokio::vocabulary::{SayMethod, SayType};
use switchwire_tokio::{Call, Connection, Listener, Result};

async fn ivr(call: &Call, messages: &str) -> Result<String> {
    call.answer().await?;
    call.playback("ivr/ivr-welcome.wav").await?;
    let ask = PlayAndGetDigits::new(4, 4, "ivr/ivr-enter_ext.wav").tries(3).timeout(5000).pattern("^[2-9]");
    let asked = call.play_and_get_digits(ask.invalid_file("ivr/ivr-invalid_entry.wav")).await?;
    if let Some(number) = asked.digits {
        call.say(Say::new("en", SayType::NameSpelled, SayMethod::Iterated, &*number)).await?;
        call.set_all([("continue_on_fail", "true"), ("hangup_after_bridge", "true")]).await?;
        let extension = DialString::new(Endpoint::loopback(&*number, "default")).timeout(20);
        let bridge = call.bridge(extension).await?;
        if bridge.answered {
            return Ok(format!("talked to {number}"));
        }
        println!("{number}: {}", bridge.cause.map_or_else(String::new, |cause| cause.to_string()));
    }
    call.playback("voicemail/vm-record_message.wav").await?;
    call.set("playback_terminators", "#").await?;
    let message = call.record(Record::new(format!("{messages}/{}.wav", call.uuid())).limit(60)).await?;
    Ok(format!("left a message, which ended by {}", message.end.name()))
}

pub(crate) async fn handle(connection: Connection, messages: &str) -> Result<String> {
    connection.linger(Some(5)).await?;
    connection.myevents(None).await?;
    ivr(&connection.own_call()?, messages).await
}

#[tokio::main]
async fn main() -> Result<()> {
    let serve = |connection| async { handle(connection, "/tmp").await.map(|end| println!("{end}")) };
    Listener::bind("127.0.0.1:8084").await?.serve(serve).join().await;
    Ok(())
}
