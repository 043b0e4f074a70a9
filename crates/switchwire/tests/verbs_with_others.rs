//! Verbs that bring a call together with others, on a server: queues, parking lots, listening in, attended transfer.

#[path = "support/far_end.rs"]
mod far_end;
#[path = "support/server.rs"]
mod server;
mod support;

use far_end::{FarEnd, Way, with_call};
use server::Server;
use support::PATIENCE;
use switchwire::application::{Fifo, ValetPark};
use switchwire::dial::{Carrier, DialString};
use switchwire::proto::HangupCause;
use switchwire::{Call, Connection, ErrorKind, EventFormat, EventType};

const WAYS: [Way; 2] = [Way::Outbound, Way::Inbound];

/// A second call that runs that, and is answered.
fn second(control: &Connection, uuid: &str, application: &str) {
    let dial = format!("{{origination_uuid={uuid}}}null/second '&{application}'");
    assert!(control.bgapi("originate", &dial).is_ok());
}

/// Ended by itself, or with the call.
fn over<T: std::fmt::Debug>(ended: switchwire::Result<T>) {
    assert!(
        ended.as_ref().is_ok() || ended.as_ref().is_err_and(|e| e.kind() == ErrorKind::Hangup),
        "{ended:?}"
    );
}

#[test]
fn a_call_waits_in_a_queue_until_it_is_taken() {
    for way in WAYS {
        let waits = |call: Call| {
            let queue = format!("queue-{}", call.uuid());
            // No caller waits there.
            call.fifo(&Fifo::try_take_from(&*queue)).unwrap();
            over(call.fifo(&Fifo::wait_in(queue)));
        };
        let takes = |far: &FarEnd| {
            far.wait(EventType::ChannelExecute, "fifo");
            far.wait(EventType::ChannelExecute, "fifo");
            let agent = far.new_uuid();
            second(&far.control, &agent, &format!("fifo(queue-{} out nowait)", far.uuid));
            bridged(&far.control, &far.uuid, &agent);
            far.kill(&agent, "NORMAL_CLEARING");
            far.kill(&far.uuid, "NORMAL_CLEARING");
        };
        with_call(way, waits, takes);
    }
}

/// Waits until the two are bridged.
fn bridged(control: &Connection, one: &str, other: &str) {
    loop {
        let event = control.recv_event_timeout(PATIENCE).unwrap().expect("they are not bridged");
        let legs =
            ["Bridge-A-Unique-ID", "Bridge-B-Unique-ID"].map(|name| event.header(name).unwrap_or_default());
        if event.event_type() == EventType::ChannelBridge
            && legs.contains(&one.into())
            && legs.contains(&other.into())
        {
            return;
        }
    }
}

#[test]
fn a_call_is_parked_until_it_is_fetched() {
    for way in WAYS {
        let parks =
            |call: Call| over(call.valet_park(&ValetPark::stall(format!("lot-{}", call.uuid()), "6001")));
        let fetches = |far: &FarEnd| {
            far.wait(EventType::ChannelExecute, "valet_park");
            let other = far.new_uuid();
            second(&far.control, &other, &format!("valet_park(lot-{} 6001)", far.uuid));
            bridged(&far.control, &far.uuid, &other);
            far.kill(&other, "NORMAL_CLEARING");
            far.kill(&far.uuid, "NORMAL_CLEARING");
        };
        with_call(way, parks, fetches);
    }
}

#[test]
fn a_call_listens_to_another_until_that_ends() {
    for way in WAYS {
        let listens = |call: Call| {
            let control = call.connection();
            let target = control.api("create_uuid", "").unwrap().text().into_owned();
            assert!(
                control
                    .api("originate", &format!("{{origination_uuid={target}}}null/second &park()"))
                    .unwrap()
                    .is_ok()
            );
            call.set("listened_to", &*target).unwrap();
            over(call.eavesdrop(target));
        };
        let ends = |far: &FarEnd| {
            let bug = loop {
                let event =
                    far.control.recv_event_timeout(PATIENCE).unwrap().expect("nothing is listened to");
                if event.header("Media-Bug-Function").as_deref() == Some("eavesdrop") {
                    break event.unique_id().unwrap().into_owned();
                }
            };
            let reply = far.control.api("uuid_getvar", &format!("{} listened_to", far.uuid)).unwrap();
            assert_eq!(reply.text(), bug);
            far.kill(&bug, "NORMAL_CLEARING");
        };
        with_call(way, listens, ends);
    }
}

#[test]
fn a_partner_is_handed_to_a_third_party() {
    let server = Server::start();
    let connection = server.connect();
    connection.events(EventFormat::Plain, "ALL").unwrap();
    let uuid = || connection.api("create_uuid", "").unwrap().text().into_owned();
    let (a, b, c) = (uuid(), uuid(), uuid());
    let control = server.connect();
    control.events(EventFormat::Plain, "CHANNEL_ANSWER CHANNEL_BRIDGE").unwrap();
    // What waits goes on to something after its bridge: without it, the third party is parked.
    let dial = format!("{{origination_uuid={a}}}null/a 'bridge:{{origination_uuid={b}}}null/b,park' inline");
    assert!(control.bgapi("originate", &dial).is_ok());
    bridged(&control, &a, &b);
    let call = connection.call(&b).unwrap();
    let third = DialString::parse("null/c", Carrier::Application).unwrap().uuid(&*c);
    let consulting = {
        let call = call.clone();
        std::thread::spawn(move || call.attended_transfer(third))
    };
    // The transferor talks to the third party, then leaves them to each other.
    bridged(&control, &b, &c);
    call.hangup(HangupCause::NormalClearing).unwrap();
    over(consulting.join().unwrap());
    bridged(&control, &a, &c);
    for uuid in [&a, &c] {
        control.api("uuid_kill", uuid).unwrap();
    }
}
