//! Events of a simulated switch in a RabbitMQ of the machine's own, as mod_amqp's consumers expect them.
#![cfg(feature = "amqp")]

mod support;

use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use support::rabbit::Rabbit;
use switchwire::Event;
use switchwire_bridge::{Bridge, Config};
use switchwire_sim::Simulator;

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_of_mod_amqp_gets_its_keys_and_its_json() {
    let Some(rabbit) = Rabbit::start() else { return };
    let sim = Simulator::builder().start().expect("starts");
    let text = format!(
        "[[node]]\nname = \"fs1\"\naddress = \"{}\"\n[events]\ncustom = [\"test::numbered\"]\n[amqp]\nurl = \"{}\"\n",
        sim.addr(),
        rabbit.url(),
    );
    let bridge = Bridge::start(Config::parse(&text).expect("a configuration")).await.expect("starts");
    // The consumer may be there before the exchange.
    let connection =
        Connection::connect(&rabbit.url(), ConnectionProperties::default()).await.expect("connects");
    let channel = loop {
        let channel = connection.create_channel().await.expect("a channel");
        let options = QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() };
        channel.queue_declare("calls".into(), options, FieldTable::default()).await.expect("a queue");
        // (A word may not have a dot: five of them.)
        let key = "FreeSWITCH.*.CUSTOM.*.*".into();
        let bound = channel
            .queue_bind(
                "calls".into(),
                "TAP.Events".into(),
                key,
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await;
        if bound.is_ok() {
            break channel;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let mut consumer = channel
        .basic_consume(
            "calls".into(),
            "test".into(),
            BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() },
            FieldTable::default(),
        )
        .await
        .expect("consumes");
    for number in 0..500 {
        let mut event = Event::custom("test::numbered");
        event.add_header("Number", number.to_string()).add_header("Unique-ID", "a call.1");
        sim.fire(event);
    }
    for number in 0..500 {
        let next = tokio::time::timeout(Duration::from_secs(60), consumer.next()).await.expect("in time");
        let message = next.expect("a message").expect("a message");
        let body: serde_json::Value = serde_json::from_slice(&message.data).expect("JSON");
        assert_eq!(body["Number"], number.to_string());
        let key = message.routing_key.as_str();
        assert!(
            key.starts_with("FreeSWITCH.") && key.ends_with(".CUSTOM.test%3A%3Anumbered.a+call%2E1"),
            "{key}"
        );
        assert_eq!(message.properties.content_type().as_ref().expect("a type").as_str(), "text/json");
        assert!(message.properties.timestamp().is_some());
        let headers = message.properties.headers().as_ref().expect("headers").inner();
        assert!(
            matches!(headers.get("x_Liquid_MessageSentTimeStamp"), Some(AMQPValue::Timestamp(_))),
            "{headers:?}"
        );
        let id = message.properties.message_id().as_ref().expect("an identity").to_string();
        assert_eq!(
            id,
            format!(
                "{}:{}",
                body["Core-UUID"].as_str().expect("a text"),
                body["Event-Sequence"].as_str().expect("a text")
            )
        );
    }
    assert_eq!(bridge.stop().await, 0);
}
