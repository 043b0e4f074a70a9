//! Sends an event of its own, and receives it: HOST PORT PASSWORD.

use switchwire::{Connection, Event, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password] = &words[..] else { return Err("three arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().custom("shop::order"))?;

    let mut order = Event::custom("shop::order");
    order.add_header("Order", "4711").add_header("Customer", "Zoë").set_body(r#"{"items": 2}"#);
    connection.send_event(&order)?;

    let event = connection.recv_event()?;
    let header = |name| event.header(name).unwrap_or_default().into_owned();
    println!(
        "order {} of {}: {}",
        header("Order"),
        header("Customer"),
        event.body_text().unwrap_or_default()
    );
    Ok(())
}
