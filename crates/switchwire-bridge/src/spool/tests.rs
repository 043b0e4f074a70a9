//! The spool against a model of it, and stopped after each of its steps.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;

fn plan() -> Plan {
    Plan { most: 1 << 20, segment: 200, fsync: Fsync::Always }
}

fn open(folder: &Path) -> Spool {
    Spool::open(folder, plan(), Box::new(RealDisk)).expect("opens").0
}

fn record(number: u64) -> Vec<u8> {
    let size = 10 + usize::try_from(number * 37 % 90).expect("small");
    let mut record = number.to_le_bytes().to_vec();
    record.resize(size, b'x');
    record
}

fn number(record: &[u8]) -> u64 {
    u64::from_le_bytes(record[..8].try_into().expect("eight bytes"))
}

fn drain(spool: &mut Spool) -> Vec<u64> {
    let mut all = Vec::new();
    loop {
        let read = spool.read(7, 300).expect("reads");
        if read.records.is_empty() {
            return all;
        }
        all.extend(read.records.iter().map(|(_, record)| number(record)));
    }
}

#[derive(Debug, Clone)]
enum Step {
    Append(u64),
    Read(usize),
    Acknowledge,
    Rewind,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..9_u64).prop_map(Step::Append),
        4 => (1..12_usize).prop_map(Step::Read),
        3 => Just(Step::Acknowledge),
        1 => Just(Step::Rewind),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every record is read in order; after a rewind or a new start, from the first that was not acknowledged.
    #[test]
    fn it_is_a_queue(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = open(folder.path());
        let (mut appended, mut read, mut acknowledged) = (0, 0, 0);
        let mut places = VecDeque::new();
        for step in steps {
            match step {
                Step::Append(count) => {
                    let records: Vec<_> = (appended..appended + count).map(record).collect();
                    prop_assert_eq!(spool.append(&records).expect("appends"), records.len());
                    appended += count;
                }
                Step::Read(count) => {
                    let batch = spool.read(count, 250).expect("reads");
                    prop_assert_eq!(batch.damaged, 0);
                    prop_assert_eq!(batch.records.is_empty(), read == appended);
                    for (place, bytes) in batch.records {
                        prop_assert_eq!(&bytes, &record(read));
                        places.push_back(place);
                        read += 1;
                    }
                }
                Step::Acknowledge => {
                    // Half of what is out.
                    let half = places.len().div_ceil(2);
                    if let Some(place) = places.drain(..half).next_back() {
                        spool.acknowledge(place).expect("acknowledges");
                        acknowledged += half as u64;
                    }
                }
                Step::Rewind => {
                    spool.rewind();
                    (read, places) = (acknowledged, VecDeque::new());
                }
                Step::Reopen => {
                    drop(spool);
                    spool = open(folder.path());
                    (read, places) = (acknowledged, VecDeque::new());
                }
            }
            prop_assert_eq!(spool.is_read(), read == appended);
        }
        prop_assert_eq!(drain(&mut spool), (read..appended).collect::<Vec<_>>());
    }

    /// Whatever the last segment ends with, the records before it are read.
    #[test]
    fn a_torn_end_takes_no_whole_record_with_it(garbage in proptest::collection::vec(any::<u8>(), 0..40), cut in 0..60_u64) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = open(folder.path());
        spool.append(&[record(0), record(1)]).expect("appends");
        let path = spool.segments[0].path.clone();
        let whole = spool.segments[0].length;
        spool.append(&[record(2)]).expect("appends");
        drop(spool);
        let file = File::options().write(true).open(&path).expect("the segment");
        let end = file.metadata().expect("its length").len().min(whole + cut);
        file.set_len(end).expect("cut");
        file.write_all_at(&garbage, end).expect("written");
        let kept = drain(&mut open(folder.path()));
        prop_assert!(kept.starts_with(&[0, 1]), "{:?}", kept);
        prop_assert!(kept.len() <= 3);
    }
}

/// Does so many steps, the last one by half, and no more: as a process that is killed.
#[derive(Debug)]
struct Killed {
    left: Arc<AtomicU64>,
}

impl Killed {
    fn step(&self) -> io::Result<()> {
        let dead = || io::Error::other("killed");
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .map_err(|_| dead())?;
        Ok(())
    }
}

impl Disk for Killed {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.step()?;
        RealDisk.create(path)
    }

    fn write_at(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        if let Err(killed) = self.step() {
            RealDisk.write_at(file, &bytes[..bytes.len() / 2], at)?;
            return Err(killed);
        }
        RealDisk.write_at(file, bytes, at)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.step()?;
        RealDisk.truncate(file, length)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step()?;
        RealDisk.sync(file)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync_folder(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.remove(path)
    }
}

/// Appends, delivers and acknowledges until it is killed. Returns what was accepted and what was delivered.
fn live(folder: &Path, steps: u64) -> (u64, u64, bool) {
    let left = Arc::new(AtomicU64::new(steps));
    let Ok((mut spool, _)) = Spool::open(folder, plan(), Box::new(Killed { left })) else {
        return (0, 0, true);
    };
    let (mut accepted, mut delivered) = (0, 0);
    for round in 0..12 {
        let records: Vec<_> = (accepted..accepted + 3).map(record).collect();
        match spool.append(&records) {
            Ok(count) => accepted += count as u64,
            Err(_) => return (accepted, delivered, true),
        }
        if round % 3 == 2 {
            let batch = spool.read(5, 1000).expect("reading changes nothing");
            let Some((place, last)) = batch.records.last() else { continue };
            delivered = number(last) + 1;
            if spool.acknowledge(*place).is_err() {
                return (accepted, delivered, true);
            }
        }
    }
    (accepted, delivered, false)
}

#[test]
fn a_kill_at_any_step_loses_nothing_accepted() {
    let mut steps = 0;
    loop {
        let folder = tempfile::tempdir().expect("a folder");
        let (accepted, delivered, killed) = live(folder.path(), steps);
        let kept = drain(&mut open(folder.path()));
        let first = kept.first().copied().unwrap_or(accepted);
        assert!(
            first <= delivered,
            "killed after {steps} steps: {first} is the first, of {delivered} delivered"
        );
        let wanted: Vec<_> = (first..accepted).collect();
        assert!(
            kept.starts_with(&wanted),
            "killed after {steps} steps: {wanted:?} were accepted, {kept:?} kept"
        );
        if !killed {
            assert!(steps > 30, "{steps} steps in all");
            break;
        }
        steps += 1;
    }
}

#[test]
fn a_kill_at_any_step_of_opening_after_a_kill_loses_nothing_accepted() {
    let mut opened_in_steps = 0;
    for steps in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let (accepted, delivered, killed) = live(folder.path(), steps);
        // Each attempt comes one step further.
        let opened = (0_u64..).find_map(|more| {
            let left = Arc::new(AtomicU64::new(more));
            let opened = Spool::open(folder.path(), plan(), Box::new(Killed { left }));
            opened_in_steps = opened_in_steps.max(more);
            opened.ok()
        });
        let (mut spool, _) = opened.expect("opens at last");
        let kept = drain(&mut spool);
        let first = kept.first().copied().unwrap_or(accepted);
        assert!(
            first <= delivered,
            "killed after {steps} steps: {first} is the first, of {delivered} delivered"
        );
        let wanted: Vec<_> = (first..accepted).collect();
        assert!(
            kept.starts_with(&wanted),
            "killed after {steps} steps: {wanted:?} were accepted, {kept:?} kept"
        );
        if !killed {
            break;
        }
    }
    // (It cut off, and it removed.)
    assert!(opened_in_steps >= 1, "opening never changed anything");
}

#[test]
fn what_is_put_first_is_read_first_after_a_kill_at_any_step_too() {
    for steps in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = open(folder.path());
        spool.append(&[record(5), record(6)]).expect("appends");
        spool.disk = Box::new(Killed { left: Arc::new(AtomicU64::new(steps)) });
        let done = spool.prepend(&[record(3), record(4)]).is_ok();
        drop(spool);
        let kept = drain(&mut open(folder.path()));
        assert!(kept == [3, 4, 5, 6] || (!done && kept == [5, 6]), "after {steps} steps: {kept:?}");
        if done {
            break;
        }
    }
}

#[test]
fn a_new_segment_is_not_taken_for_one_that_the_cursor_remembers() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut spool = open(folder.path());
    spool.append(&[record(0), record(1), record(2)]).expect("appends");
    let (place, _) = spool.read(9, 9999).expect("reads").records.pop().expect("the last");
    spool.acknowledge(place).expect("acknowledges");
    assert_eq!(spool.bytes(), 0);
    spool.append(&[record(3), record(4), record(5)]).expect("appends");
    drop(spool);
    assert_eq!(drain(&mut open(folder.path())), [3, 4, 5]);
}

#[test]
fn at_its_bound_it_accepts_what_fits_and_room_comes_back_with_segments() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan { most: 500, ..plan() };
    let (mut spool, _) = Spool::open(folder.path(), plan, Box::new(RealDisk)).expect("opens");
    let one = [record(0)];
    let mut accepted = 0;
    while spool.append(&one).expect("appends") == 1 {
        accepted += 1;
    }
    assert!(accepted > 3, "{accepted}");
    // A segment makes room when all of it is done.
    let (place, _) = spool.read(1, 9999).expect("reads").records.pop().expect("one");
    spool.acknowledge(place).expect("acknowledges");
    assert_eq!(spool.append(&one).expect("appends"), 0);
    let (place, _) = spool.read(99, 1 << 20).expect("reads").records.pop().expect("the rest of it");
    spool.acknowledge(place).expect("acknowledges");
    assert_eq!(spool.append(&one).expect("appends"), 1);
}

#[test]
fn damage_in_the_middle_is_passed_over_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut spool = open(folder.path());
    for at in 0..12 {
        spool.append(&[record(at)]).expect("appends");
    }
    assert!(spool.segments.len() > 2);
    let (first, second) = (spool.segments[0].length, spool.segments[1].path.clone());
    let file = File::options().write(true).open(second).expect("the segment");
    file.write_all_at(&[0xff; 4], 8).expect("damaged");
    let (mut damaged, mut kept) = (0, Vec::new());
    loop {
        let read = spool.read(50, 9999).expect("reads");
        damaged += read.damaged;
        if read.records.is_empty() {
            break;
        }
        kept.extend(read.records.iter().map(|(_, record)| number(record)));
    }
    assert!(damaged > 0 && first > 0);
    assert_eq!(kept.first(), Some(&0));
    assert_eq!(kept.last(), Some(&11));
    assert!(kept.len() < 12);
}

#[test]
fn two_processes_do_not_share_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path());
    let second = Spool::open(folder.path(), plan(), Box::new(RealDisk));
    assert_eq!(second.expect_err("locked").kind(), io::ErrorKind::WouldBlock);
    drop(first);
    open(folder.path());
}
