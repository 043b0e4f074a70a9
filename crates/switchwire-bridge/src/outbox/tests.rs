//! Order, bounds and counts.

use super::*;
use crate::spool::{Fsync, Plan, RealDisk};

fn record(number: usize) -> Record {
    Record {
        id: number.to_string(),
        node: "fs1".into(),
        event: "HEARTBEAT".into(),
        route: "fs.fs1".into(),
        body: vec![b'x'; 100].into(),
    }
}

fn records(numbers: std::ops::Range<usize>) -> Vec<Record> {
    numbers.map(record).collect()
}

fn spool(folder: &std::path::Path, most: u64) -> Spool {
    let plan = Plan { most, segment: 2000, fsync: Fsync::Never };
    Spool::open(folder, plan, Box::new(RealDisk)).expect("a spool").0
}

fn ids(taken: &[Arc<Record>]) -> Vec<usize> {
    taken.iter().map(|record| record.id.parse().expect("a number")).collect()
}

#[tokio::test]
async fn order_is_kept_over_memory_and_spool_and_an_absence() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = Outbox::new(10 * record(0).size(), Some(spool(folder.path(), 1 << 20)));
    // 0 to 9 fit into memory, the rest is spooled.
    assert_eq!(outbox.push(records(0..25)).dropped, 0);
    let first = outbox.take(4, 1 << 20).await.expect("some");
    assert_eq!(ids(&first), [0, 1, 2, 3]);
    outbox.delivered(2).expect("acknowledged");
    outbox.away().expect("spooled");
    assert_eq!(outbox.waiting().memory_bytes, 0);
    outbox.push(records(25..30));
    outbox.back();
    let mut all = Vec::new();
    while all.len() < 28 {
        let some = outbox.take(6, 1 << 20).await.expect("some");
        all.extend(ids(&some));
        outbox.delivered(some.len()).expect("acknowledged");
    }
    assert_eq!(all, (2..30).collect::<Vec<_>>());
    // The spool is empty: memory again.
    outbox.push(records(30..31));
    assert_eq!(outbox.waiting().spool_bytes, 0);
    assert_eq!(ids(&outbox.take(6, 1 << 20).await.expect("one")), [30]);
    assert_eq!(outbox.counts().delivered, 30);
}

#[tokio::test]
async fn what_was_out_of_the_spool_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = Outbox::new(1, Some(spool(folder.path(), 1 << 20)));
    outbox.push(records(0..9));
    outbox.take(5, 1 << 20).await.expect("some");
    outbox.delivered(3).expect("acknowledged");
    outbox.away().expect("spooled");
    outbox.back();
    let again = outbox.take(9, 1 << 20).await.expect("some");
    assert_eq!(ids(&again)[0], 3);
}

#[tokio::test]
async fn what_comes_while_the_end_of_the_spool_is_out_stays_behind_it() {
    for room in [3, 20] {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::new(room * record(0).size(), Some(spool(folder.path(), 1 << 20)));
        outbox.away().expect("spooled");
        outbox.push(records(0..6));
        outbox.back();
        assert_eq!(ids(&outbox.take(9, 1 << 20).await.expect("some")), [0, 1, 2, 3, 4, 5]);
        outbox.delivered(2).expect("acknowledged");
        // Into memory, and beyond its bound.
        outbox.push(records(6..12));
        outbox.away().expect("spooled");
        outbox.push(records(12..13));
        outbox.back();
        let mut all = Vec::new();
        while all.len() < 11 {
            let some = outbox.take(4, 1 << 20).await.expect("some");
            all.extend(ids(&some));
            outbox.delivered(some.len()).expect("acknowledged");
        }
        assert_eq!(all, (2..13).collect::<Vec<_>>(), "room for {room}");
        assert_eq!(outbox.waiting(), Waiting::default());
    }
}

#[tokio::test]
async fn without_room_it_drops_the_newest_and_says_how_many() {
    let outbox = Outbox::new(3 * record(0).size(), None);
    assert_eq!(outbox.push(records(0..5)).dropped, 2);
    outbox.take(2, 1 << 20).await.expect("some");
    outbox.away().expect("no spool");
    outbox.back();
    assert_eq!(ids(&outbox.take(9, 1 << 20).await.expect("some")), [0, 1, 2]);
    outbox.delivered(3).expect("acknowledged");
    assert_eq!(outbox.counts(), Counts { accepted: 3, delivered: 3, dropped: 2, ..Counts::default() });
    outbox.close();
    assert!(outbox.take(9, 1 << 20).await.is_none());
    let folder = tempfile::tempdir().expect("a folder");
    let bounded = Outbox::new(1, Some(spool(folder.path(), 600)));
    let dropped = bounded.push(records(0..9)).dropped;
    assert!((1..9).contains(&dropped), "{dropped}");
}

#[tokio::test]
async fn what_the_sink_refuses_holds_nothing_up() {
    let outbox = Outbox::new(1 << 20, None);
    outbox.push(records(0..3));
    outbox.take(3, 1 << 20).await.expect("some");
    outbox.delivered(1).expect("acknowledged");
    outbox.refused().expect("acknowledged");
    outbox.delivered(1).expect("acknowledged");
    assert_eq!(outbox.counts(), Counts { accepted: 3, delivered: 2, refused: 1, ..Counts::default() });
}
