//! Makes a phone fetch its configuration: HOST PORT PASSWORD USER DOMAIN.

use switchwire::{Connection, Event, EventType};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, user, domain] = &words[..] else { return Err("five arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    let mut notify = Event::new(EventType::Notify);
    notify.add_header("profile", "internal");
    notify.add_header("content-type", "application/simple-message-summary");
    notify.add_header("event-string", "check-sync;reboot=false");
    notify.add_header("user", user);
    notify.add_header("host", domain);
    connection.send_event(&notify)?;
    println!("asked {user}@{domain} to fetch its configuration");
    Ok(())
}
