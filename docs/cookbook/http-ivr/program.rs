//! Calls do what a web application says: PORT URL.

use serde_json::{Value, json};
use switchwire::application::PlayAndGetDigits;
use switchwire::{Connection, HangupCause, Listener};

fn serve(connection: &Connection, url: &str) -> Result<(), Box<dyn std::error::Error>> {
    connection.linger(Some(5))?;
    connection.myevents(None)?;
    let call = connection.own_call()?;
    call.answer()?;
    let caller = connection.info().and_then(|info| info.header("Caller-Caller-ID-Number").map(String::from));
    let mut digits = None;
    for step in 0.. {
        let state = json!({ "uuid": call.uuid(), "caller": caller, "step": step, "digits": digits });
        let next: Value = ureq::post(url).send_json(state)?.body_mut().read_json()?;
        let word = |name: &str| next[name].as_str().unwrap_or_default().to_owned();
        println!("{}", word("verb"));
        match &*word("verb") {
            "play" => drop(call.playback(&*word("file"))?),
            "ask" => {
                let count = u32::try_from(next["digits"].as_u64().unwrap_or(1))?;
                digits = call.play_and_get_digits(&PlayAndGetDigits::new(count, count, word("file")))?.digits;
            }
            _ => return Ok(call.hangup(HangupCause::NormalClearing)?),
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [port, url] = &words[..] else { return Err("two arguments".into()) };
    let url = url.clone();
    let handle = move |connection: Connection| serve(&connection, &url).map_err(|error| error.to_string());
    Listener::bind(("127.0.0.1", port.parse()?))?.serve(handle)?.join();
    Ok(())
}
