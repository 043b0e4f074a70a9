//! Lights the message lamp of a phone, and puts it out: HOST PORT PASSWORD ACCOUNT.

use switchwire::{Connection, Event, EventType};

fn waiting(account: &str, new: u32, old: u32) -> Event {
    let mut event = Event::new(EventType::MessageWaiting);
    event.add_header("MWI-Messages-Waiting", if new > 0 { "yes" } else { "no" });
    event.add_header("MWI-Message-Account", account);
    event.add_header("MWI-Voice-Message", format!("{new}/{old} (0/0)"));
    event
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, account] = &words[..] else { return Err("four arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.send_event(&waiting(account, 2, 5))?;
    println!("on");
    connection.send_event(&waiting(account, 0, 7))?;
    println!("off");
    Ok(())
}
