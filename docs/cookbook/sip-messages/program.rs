//! Sends a phone a MESSAGE, an INFO and the state of a feature key: HOST PORT PASSWORD USER DOMAIN.

use switchwire::{Connection, Event, EventType};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, user, domain] = &words[..] else { return Err("five arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    let phone = format!("sip:{user}@{domain}");
    let send = |kind, headers: &[(&str, &str)], body: &str| {
        let mut event = Event::new(kind);
        for (name, value) in headers {
            event.add_header(name, value);
        }
        if !body.is_empty() {
            event.set_body(body);
        }
        connection.send_event(&event).map(|_| println!("{} sent", event.name()))
    };
    let of = [("profile", "internal"), ("user", user), ("host", domain)];

    let text = [("content-type", "text/plain"), ("subject", "Door")];
    send(EventType::SendMessage, &[&of[..], &text].concat(), "The door bell rang")?;
    let info = [("content-type", "text/plain"), ("to-uri", &phone), ("from-uri", "sip:door@example.com")];
    send(EventType::SendInfo, &[&of[..1], &info].concat(), "open=1")?;
    let key = [("device", &**user), ("Feature-Event", "DoNotDisturbEvent"), ("doNotDisturbOn", "on")];
    send(EventType::PhoneFeature, &[&of[1..], &key].concat(), "")?;
    Ok(())
}
