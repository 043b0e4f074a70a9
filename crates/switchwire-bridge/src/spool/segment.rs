//! One file of the spool.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::frame::{self, Found};
use super::{Disk, Fsync};

/// What a segment begins with.
const MAGIC: &[u8; 8] = b"swspool1";

#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Where what has not been acknowledged begins.
    pub(super) start: u64,
    /// Where the records end.
    pub(super) length: u64,
    /// Nothing is appended to it any more.
    pub(super) spoilt: bool,
    file: File,
}

/// What was read.
pub(super) enum Batch {
    /// Records, each with the offset after it; at least one.
    Records(Vec<(u64, Vec<u8>)>),
    /// There is no further record; so many bytes behind are damaged.
    End { damaged: u64 },
}

/// The folder's segments, in order. What is left of one that was being made is removed.
pub(super) fn list(folder: &Path, disk: &dyn Disk) -> io::Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.ends_with(".spool.new") {
            disk.remove(&path)?;
        }
        let Some(number) = name.strip_suffix(".spool").and_then(|hex| u64::from_str_radix(hex, 16).ok())
        else {
            continue;
        };
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        let length = file.metadata()?.len();
        let start = (MAGIC.len() as u64).min(length);
        segments.push(Segment { number, path, start, length, spoilt: false, file });
    }
    segments.sort_by_key(|segment| segment.number);
    Ok(segments)
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}.spool"))
}

impl Segment {
    /// A new one, which is empty.
    pub(super) fn create(folder: &Path, number: u64, disk: &dyn Disk, fsync: Fsync) -> io::Result<Self> {
        Self::whole(folder, number, disk, &[], fsync)
    }

    /// A new one with those frames. It has its name once it is whole.
    pub(super) fn whole(
        folder: &Path,
        number: u64,
        disk: &dyn Disk,
        frames: &[u8],
        fsync: Fsync,
    ) -> io::Result<Self> {
        let path = path(folder, number);
        let new = path.with_extension("spool.new");
        let file = disk.create(&new)?;
        disk.write_at(&file, MAGIC, 0)?;
        let start = MAGIC.len() as u64;
        disk.write_at(&file, frames, start)?;
        if fsync != Fsync::Never {
            disk.sync(&file)?;
        }
        disk.rename(&new, &path)?;
        if fsync != Fsync::Never {
            disk.sync_folder(folder)?;
        }
        Ok(Self { number, path, start, length: start + frames.len() as u64, spoilt: false, file })
    }

    /// Cuts off what follows the last whole record; returns how many bytes.
    pub(super) fn recover(&mut self, disk: &dyn Disk) -> io::Result<u64> {
        let mut magic = [0; MAGIC.len()];
        let known = self.length >= MAGIC.len() as u64 && self.file.read_exact_at(&mut magic, 0).is_ok();
        if !known || &magic != MAGIC {
            // (It is made whole before it has its name: this file is not ours.)
            let detail = format!("{} is no segment of a spool", self.path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
        let mut end = self.start;
        while let Batch::Records(records) = self.read(end, 1 << 20)? {
            end = records.last().map_or(self.length, |(offset, _)| *offset);
        }
        let torn = self.length - end;
        if torn > 0 {
            disk.truncate(&self.file, end)?;
            self.length = end;
        }
        Ok(torn)
    }

    /// Writes frames at the end: all of them, or none.
    pub(super) fn append(&mut self, disk: &dyn Disk, frames: &[u8]) -> io::Result<()> {
        if let Err(error) = disk.write_at(&self.file, frames, self.length) {
            // A part may be there. If it cannot be cut off, nothing may follow it.
            self.spoilt = disk.truncate(&self.file, self.length).is_err();
            return Err(error);
        }
        self.length += frames.len() as u64;
        Ok(())
    }

    pub(super) fn sync(&self, disk: &dyn Disk) -> io::Result<()> {
        disk.sync(&self.file)
    }

    /// The records from that offset on: about `bytes` bytes of them, at least one.
    pub(super) fn read(&self, offset: u64, bytes: usize) -> io::Result<Batch> {
        let left = self.length.saturating_sub(offset);
        let mut wanted = bytes.max(frame::HEAD);
        loop {
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
            let mut buffer = vec![0; size];
            self.file.read_exact_at(&mut buffer, offset)?;
            let (mut records, mut at) = (Vec::new(), 0);
            let stopped = loop {
                match frame::look(&buffer[at..]) {
                    Found::Record(record) => {
                        at += frame::HEAD + record.len();
                        records.push((offset + at as u64, record.to_vec()));
                    }
                    other => break other,
                }
            };
            if !records.is_empty() {
                return Ok(Batch::Records(records));
            }
            match stopped {
                Found::Part(whole) if size as u64 != left => wanted = whole,
                _ => return Ok(Batch::End { damaged: left }),
            }
        }
    }
}
