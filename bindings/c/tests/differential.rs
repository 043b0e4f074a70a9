//! The classic reading of received events in C and in the core: one rule, two stores, the same result on messages that
//! are generated for it. (`original.rs` gives the same messages to the original library.)
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    mod c;
    mod generated;
    pub use c::*;
    pub use generated::*;
}

use support::{Hand, KEPT, Seen, kept, message};
use switchwire_proto::{Decoder, Event};

/// The core's event as C sees one.
fn model(event: &Event) -> Seen {
    let headers = event.headers();
    Seen {
        kind: event.event_type().name().into(),
        headers: headers
            .map(|header| {
                (
                    header.name_bytes().to_vec(),
                    header.value_bytes().to_vec(),
                    header.elements().map(|elements| elements.map(<[u8]>::to_vec).collect()),
                )
            })
            .collect(),
        body: event.body().map(<[u8]>::to_vec),
    }
}

fn assert_same(hand: &mut Hand, bytes: &[u8]) {
    let shown = String::from_utf8_lossy(bytes).into_owned();
    let mut decoder = Decoder::default();
    decoder.feed(bytes);
    let message = decoder.next_message().unwrap().unwrap_or_else(|| panic!("no message: {shown}"));
    hand.send(bytes);
    let (_, outer, inner) = hand.receive();
    assert_eq!(outer, Some(model(&message.outer_event())), "{shown}");
    assert_eq!(inner, Some(model(&message.into_classic_event())), "{shown}");
}

#[test]
fn generated_events_read_the_same_in_c_and_in_the_core() {
    let mut hand = Hand::new();
    for case in KEPT {
        assert_same(&mut hand, &kept(case));
    }
    for seed in 0..20_000 {
        assert_same(&mut hand, &message(seed));
    }
}
