//! What it costs to receive an event: bytes → decoder → message → event → three headers read.
//!
//! `cargo bench -p switchwire-proto --bench receive_path` prints for each format: events, and bytes, allocations and time
//! per event, and with valgrind installed the instructions per event. Those are exact and the same in every run: the
//! program runs itself under callgrind with N and with 2N passes over the recording, and takes the difference.
#![allow(unsafe_code, reason = "a global allocator that counts can only be written with unsafe")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]
#![allow(clippy::disallowed_types, reason = "a bench needs a clock; the library has none")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use switchwire_proto::Decoder;

const FORMATS: [&str; 3] = ["events_plain", "events_json", "events_xml"];
/// What a connection reads at once.
const READ: usize = 64 * 1024;
/// Passes under callgrind: N, and N more.
const PASSES: u32 = 2;
/// The argument that makes the program run the passes and nothing else: `--passes N events_plain`.
const PASSES_FLAG: &str = "--passes";

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == PASSES_FLAG) {
        let mut recording = recording(&arguments[at + 2]);
        for _ in 0..arguments[at + 1].parse().unwrap() {
            receive(&mut recording);
        }
        return;
    }
    println!(
        "{:<13} {:>7} {:>12} {:>13} {:>10} {:>19}",
        "", "events", "bytes/event", "allocs/event", "ns/event", "instructions/event"
    );
    for format in FORMATS {
        measure(format);
    }
}

fn measure(format: &str) {
    let mut recording = recording(format);
    let events = receive(&mut recording);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    receive(&mut recording);
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    let passes = 20;
    let start = Instant::now();
    for _ in 0..passes {
        receive(&mut recording);
    }
    let nanoseconds = start.elapsed().as_nanos() as f64 / f64::from(passes);
    let each = |total: f64| total / events as f64;
    let instructions = match (instructions(format, PASSES), instructions(format, 2 * PASSES)) {
        (Some(once), Some(twice)) => format!("{:.0}", each((twice - once) as f64 / f64::from(PASSES))),
        _ => "no valgrind: skipped".to_owned(),
    };
    println!(
        "{format:<13} {events:>7} {:>12.0} {:>13.2} {:>10.0} {instructions:>19}",
        each(recording.metadata().unwrap().len() as f64),
        each(allocations as f64),
        each(nanoseconds),
    );
}

/// What a connection does with what it reads (from a file here: the kernel's copy is not ours); how many events came.
fn receive(recording: &mut File) -> u64 {
    let mut decoder = Decoder::default();
    let mut events = 0;
    recording.rewind().unwrap();
    loop {
        let count = recording.read(&mut decoder.spare(READ)[..READ]).unwrap();
        if count == 0 {
            decoder.finish().unwrap();
            return events;
        }
        decoder.commit(count);
        while let Some(message) = decoder.next_message().unwrap() {
            if message.content_type().is_event() {
                let event = message.into_event();
                black_box((
                    event.header("Event-Name"),
                    event.header("Unique-ID"),
                    event.header("Channel-State"),
                ));
                events += 1;
            }
        }
    }
}

/// Instructions of that many passes, from callgrind's summary line.
fn instructions(format: &str, passes: u32) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args([PASSES_FLAG, &passes.to_string(), format])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn recording(format: &str) -> File {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures");
    File::open(folder.join(format).join("server.bin")).unwrap()
}

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it came; counting touches no memory of its callers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;
