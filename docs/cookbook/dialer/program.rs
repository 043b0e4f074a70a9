//! Dials a list of numbers, so many at once: HOST PORT PASSWORD AT_ONCE NUMBER ...

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{Connection, EventType, HangupCause, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, at_once, numbers @ ..] = &words[..] else {
        return Err("four arguments".into());
    };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().events([
        EventType::BackgroundJob,
        EventType::ChannelExecuteComplete,
        EventType::ChannelHangupComplete,
    ]))?;

    let waiting = Mutex::new(numbers.iter());
    let answered = AtomicUsize::new(0);
    let work = || {
        loop {
            let Some(number) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) else { return };
            let dial = DialString::new(Endpoint::from_text(number)).timeout(20);
            let originate = Originate::new(dial, Target::application("park"));
            match connection.originate_call(&originate, Duration::from_secs(30)) {
                Ok(call) => {
                    println!("{number}: answered");
                    answered.fetch_add(1, Ordering::Relaxed);
                    let _ = call.playback("silence_stream://50");
                    let _ = call.hangup(HangupCause::NormalClearing);
                }
                Err(error) => println!("{number}: {error}"),
            }
        }
    };
    // Threads share one connection.
    std::thread::scope(|scope| {
        for _ in 0..at_once.parse().unwrap_or(1) {
            scope.spawn(work);
        }
    });
    println!("{} numbers, {} answered", numbers.len(), answered.into_inner());
    Ok(())
}
