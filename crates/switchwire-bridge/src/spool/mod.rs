//! Records on disk, while the broker is away: a bounded queue in a folder, which outlives the process.
//!
//! The folder holds segments, `0000000100000000.spool` and on, which are written at the end of the last and read at the
//! beginning of the first, and `cursor`, how far the first has been acknowledged. A segment goes once all of it has been.
//! By task: `frame` is a record in a segment, `segment` one file, `disk` the steps that a test can stop after, `cursor` that file.
//!
//! **What lasts.** What [`Spool::append`] has accepted is read again after the process is killed at any step; after the machine
//! fails, as far as [`Fsync`] says. What was acknowledged may be read again after either (the cursor is not synced):
//! at least once, not exactly once.

mod cursor;
mod disk;
mod frame;
mod segment;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cursor::Cursor;
pub(crate) use disk::{Disk, RealDisk};
use segment::{Batch, Segment};

/// When what was appended is made to last a failure of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// Before it counts as accepted.
    Always,
    /// So long after it was accepted, at the latest.
    Every(Duration),
    /// When the system does so by itself.
    Never,
}

/// How a spool is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Bytes of all segments.
    pub(crate) most: u64,
    /// A segment of that size is followed by a new one.
    pub(crate) segment: u64,
    pub(crate) fsync: Fsync,
}

/// A place in the spool: after a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    segment: u64,
    offset: u64,
}

/// Records that were read, and the place after each.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) records: Vec<(Place, Vec<u8>)>,
    /// Bytes that are damaged and were passed over.
    pub(crate) damaged: u64,
}

/// The first segment's number: there is room before it.
const FIRST: u64 = 1 << 32;

#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    plan: Plan,
    disk: Box<dyn Disk>,
    segments: VecDeque<Segment>,
    /// Where the next record is read.
    next: Option<Place>,
    cursor: Cursor,
    /// The highest number that a segment has had. None is used twice, lest a cursor be taken for another segment's.
    newest: u64,
    /// Since when something is not synced.
    unsynced: Option<Instant>,
    /// Held for as long as the folder is used.
    _lock: File,
}

impl Spool {
    /// Opens the folder, and makes it if need be. Returns how many bytes at the end of the last segment were no record: what
    /// was being written when the process ended, which had not been accepted.
    pub(crate) fn open(folder: &Path, plan: Plan, disk: Box<dyn Disk>) -> io::Result<(Self, u64)> {
        std::fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::WouldBlock, "another process uses this spool")
            }
            std::fs::TryLockError::Error(error) => error,
        })?;
        let mut segments: VecDeque<_> = segment::list(folder, disk.as_ref())?.into();
        let torn = match segments.back_mut() {
            Some(last) => last.recover(disk.as_ref())?,
            None => 0,
        };
        let cursor = Cursor::open(folder)?;
        if let (Some(place), Some(first)) = (cursor.place(), segments.front_mut())
            && place.segment == first.number
        {
            first.start = place.offset.clamp(first.start, first.length);
        }
        let newest = [
            segments.back().map_or(FIRST, |last| last.number),
            cursor.place().map_or(FIRST, |place| place.segment),
        ];
        let newest = newest.into_iter().max().unwrap_or(FIRST);
        let mut spool = Self {
            folder: folder.to_owned(),
            plan,
            disk,
            segments,
            next: None,
            cursor,
            newest,
            unsynced: None,
            _lock: lock,
        };
        spool.rewind();
        spool.remove_done()?;
        Ok((spool, torn))
    }

    /// Whether all that was appended has been read.
    pub(crate) fn is_read(&self) -> bool {
        let Some(next) = self.next else { return true };
        self.segments.back().is_none_or(|last| next.segment == last.number && next.offset >= last.length)
    }

    /// Bytes that have not been acknowledged.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length - segment.start).sum()
    }

    /// Appends records, as many as there is room for; returns how many, in their order. None of those beyond is kept.
    pub(crate) fn append(&mut self, records: &[Vec<u8>]) -> io::Result<usize> {
        let room = self.plan.most.saturating_sub(self.segments.iter().map(|segment| segment.length).sum());
        self.append_up_to(records, room)
    }

    /// Appends records that were accepted before, and so may go beyond the bound.
    pub(crate) fn append_accepted(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        match self.append_up_to(records, u64::MAX)? {
            all if all == records.len() => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "a record is too large for the spool")),
        }
    }

    fn append_up_to(&mut self, records: &[Vec<u8>], mut room: u64) -> io::Result<usize> {
        let mut bytes = Vec::new();
        let mut accepted = 0;
        for record in records {
            let size = (record.len() + frame::HEAD) as u64;
            if size > room || record.len() > frame::MOST {
                break;
            }
            room -= size;
            frame::put(&mut bytes, record);
            accepted += 1;
        }
        if accepted == 0 {
            return Ok(0);
        }
        if self.segments.back().is_none_or(|last| last.length >= self.plan.segment || last.spoilt) {
            self.begin_segment()?;
        }
        let Some(last) = self.segments.back_mut() else { return Ok(0) };
        last.append(self.disk.as_ref(), &bytes)?;
        match self.plan.fsync {
            Fsync::Always => last.sync(self.disk.as_ref())?,
            Fsync::Every(_) => {
                self.unsynced.get_or_insert_with(Instant::now);
                self.sync_if_due()?;
            }
            Fsync::Never => {}
        }
        Ok(accepted)
    }

    /// Puts records before all others. Only while none of these has been acknowledged. Their bytes may go beyond the bound: they
    /// were accepted before.
    pub(crate) fn prepend(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let number = self.segments.front().map_or(self.newest + 1, |first| first.number - 1);
        self.cursor.clear(self.disk.as_ref())?;
        let mut bytes = Vec::new();
        records.iter().for_each(|record| frame::put(&mut bytes, record));
        let segment = Segment::whole(&self.folder, number, self.disk.as_ref(), &bytes, self.plan.fsync)?;
        self.newest = self.newest.max(number);
        self.segments.push_front(segment);
        self.rewind();
        Ok(())
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        let number = self.newest + 1;
        if let Some(last) = self.segments.back()
            && self.unsynced.take().is_some()
        {
            last.sync(self.disk.as_ref())?;
        }
        let segment = Segment::create(&self.folder, number, self.disk.as_ref(), self.plan.fsync)?;
        self.newest = number;
        let start = segment.start;
        self.segments.push_back(segment);
        self.next.get_or_insert(Place { segment: number, offset: start });
        Ok(())
    }

    /// Syncs what has waited for so long as the plan says. To be called now and then.
    pub(crate) fn sync_if_due(&mut self) -> io::Result<()> {
        let Fsync::Every(time) = self.plan.fsync else { return Ok(()) };
        if self.unsynced.is_some_and(|since| since.elapsed() >= time) {
            self.sync()?;
        }
        Ok(())
    }

    /// Syncs what was appended.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if let Some(last) = self.segments.back() {
            last.sync(self.disk.as_ref())?;
        }
        self.unsynced = None;
        Ok(())
    }

    /// Reads the next records: at most `count`, and no more than about `bytes` bytes.
    pub(crate) fn read(&mut self, count: usize, bytes: usize) -> io::Result<Read> {
        let mut read = Read::default();
        while let Some(next) = self.next
            && read.records.len() < count
        {
            let Some(at) = self.segments.iter().position(|segment| segment.number == next.segment) else {
                break;
            };
            let segment = &self.segments[at];
            match segment.read(next.offset, bytes)? {
                Batch::Records(records) => {
                    for (offset, record) in records {
                        if read.records.len() == count {
                            break;
                        }
                        let place = Place { segment: next.segment, offset };
                        read.records.push((place, record));
                        self.next = Some(place);
                    }
                    return Ok(read);
                }
                Batch::End { damaged } => {
                    read.damaged += damaged;
                    if at + 1 == self.segments.len() {
                        // (Nothing is written behind damage.)
                        if damaged > 0 {
                            self.segments[at].spoilt = true;
                            self.next =
                                Some(Place { segment: next.segment, offset: self.segments[at].length });
                        }
                        break;
                    }
                    let following = &self.segments[at + 1];
                    self.next = Some(Place { segment: following.number, offset: following.start });
                }
            }
        }
        Ok(read)
    }

    /// All up to that place has been delivered: it is not read again.
    pub(crate) fn acknowledge(&mut self, place: Place) -> io::Result<()> {
        while let Some(first) = self.segments.front()
            && first.number < place.segment
        {
            self.remove_first()?;
        }
        if let Some(first) = self.segments.front_mut()
            && first.number == place.segment
        {
            first.start = place.offset.min(first.length);
            let place = Place { segment: place.segment, offset: first.start };
            self.cursor.set(self.disk.as_ref(), place)?;
        }
        self.remove_done()
    }

    /// Reads again what was read and not acknowledged.
    pub(crate) fn rewind(&mut self) {
        self.next = self.segments.front().map(|first| Place { segment: first.number, offset: first.start });
    }

    /// Removes segments of which nothing is left; the last one too, so that an idle spool holds nothing.
    fn remove_done(&mut self) -> io::Result<()> {
        while let Some(first) = self.segments.front()
            && first.start >= first.length
            && self.next.is_none_or(|next| next.segment > first.number || next.offset >= first.length)
        {
            self.remove_first()?;
        }
        Ok(())
    }

    fn remove_first(&mut self) -> io::Result<()> {
        let Some(first) = self.segments.pop_front() else { return Ok(()) };
        if self.next.is_some_and(|next| next.segment == first.number) {
            self.rewind();
        }
        if self.segments.is_empty() {
            self.unsynced = None;
        }
        self.disk.remove(&first.path)
    }
}
