//! Recordings through `esl_recv_event`, in every fragmentation.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    pub mod c;
    mod shared;
    pub use shared::*;
}

use std::io::Write;

use support::c::{Hand, Seen};

type Received = Vec<(Option<Seen>, Option<Seen>)>;

/// Sends the pieces, each read before the next is sent; returns everything received.
fn receive(pieces: &[&[u8]]) -> Received {
    let mut hand = Hand::new();
    let mut peer = hand.peer.take().unwrap();
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let writer = std::thread::spawn(move || {
        for piece in pieces {
            if peer.write_all(&piece).is_err() {
                return;
            }
            std::thread::yield_now();
        }
    });
    let all = hand.receive_all();
    drop(hand);
    writer.join().unwrap();
    all
}

/// Delivers the pieces one by one: each is taken from the socket before the next is written.
fn receive_stepwise(pieces: &[&[u8]]) -> Received {
    let mut hand = Hand::new();
    let mut all = Vec::new();
    for piece in pieces {
        hand.send(piece);
        // SAFETY: a living handle.
        while unsafe { esl::handle::esl_recv_event_timed(&raw mut *hand.handle, 1, 1, std::ptr::null_mut()) }
            == 0
        {
            let event = |event| support::c::see(event);
            all.push((event(hand.handle.last_event), event(hand.handle.last_ievent)));
        }
    }
    hand.hang_up();
    all.extend(hand.receive_all());
    all
}

#[test]
fn every_recording_reads_the_same_in_pieces_of_any_size() {
    support::each_capture(|name, _, bytes| {
        for size in [1usize, 7, 100, 4096] {
            let bytes = &bytes[..bytes.len().min(size * 30_000)];
            let expected = receive(&[bytes]);
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            let got = receive(&pieces);
            assert_eq!(got.len(), expected.len(), "{name} in pieces of {size}");
            assert!(got == expected, "{name} in pieces of {size}");
        }
    });
}

#[test]
fn a_cut_at_every_byte_of_16_kb_changes_nothing() {
    support::each_capture(|name, _, bytes| {
        let bytes = &bytes[..bytes.len().min(16 << 10)];
        if !["events_plain", "events_json", "logs", "outbound_full"].contains(&name) {
            return;
        }
        let whole = receive(&[bytes]);
        for cut in 1..bytes.len() {
            let (first, second) = bytes.split_at(cut);
            let got =
                if cut % 16 == 0 { receive_stepwise(&[first, second]) } else { receive(&[first, second]) };
            assert!(got == whole, "{name} cut at {cut}");
        }
    });
}

#[test]
fn a_name_ends_at_its_nul() {
    // Array text in one header makes every line be looked at for what it does to others.
    let event = b"Event-Name: CUSTOM\nA\0B: ARRAY::one|:two\nA\0C[3]: x\nA\0D: y\n\n";
    let head = format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", event.len());
    let received = receive(&[head.as_bytes(), event]);
    let names: Vec<Vec<u8>> =
        received[0].1.as_ref().unwrap().headers.iter().map(|(name, ..)| name.clone()).collect();
    assert_eq!(names, [&b"Event-Name"[..], b"A", b"A", b"A"].map(<[u8]>::to_vec));
}
