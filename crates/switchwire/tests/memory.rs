//! What a connection costs while nothing happens.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::{Line, event};
use switchwire::{Builder, Connection};

/// Counts the heap; only what this thread's connections take is looked at, the peer's thread keeps still meanwhile.
struct Counting;

static HEAP: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator that counts is the only way to see the heap")]
// SAFETY: every call is handed to the system allocator as received.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HEAP.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that System asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HEAP.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn pair(listener: &TcpListener) -> (Connection, Line) {
    let port = listener.local_addr().unwrap().port();
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let mut line = Line::new(listener.accept().unwrap().0);
            line.log_in();
            line
        });
        let connection = Builder::new("127.0.0.1", port).connect().unwrap();
        (connection, server.join().unwrap())
    })
}

#[test]
fn an_idle_connection_costs_kilobytes_and_a_flooded_one_gives_back() {
    const MANY: usize = 1000;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let warm = pair(&listener);
    let resident_before = resident_kb();
    let mut kept = Vec::with_capacity(MANY);
    let mut heap = 0;
    for _ in 0..MANY {
        let before = HEAP.load(Ordering::Relaxed);
        kept.push(pair(&listener));
        heap = heap.max(HEAP.load(Ordering::Relaxed) - before);
    }
    let resident = resident_kb().saturating_sub(resident_before);
    println!(
        "one idle connection: {heap} bytes of heap (peer's side included); {MANY}: {resident} KB resident"
    );
    assert!(heap < 4 * 1024, "{heap}");
    assert!(resident < 4 * 1024, "{resident} KB");

    // A flood makes larger buffers; a line that stays silent gives them back.
    let (connection, line) = &mut kept[0];
    let before = HEAP.load(Ordering::Relaxed);
    let flood = event(&format!("Event-Name: HEARTBEAT\nPad: {}\n", "x".repeat(3000)), "");
    let mut stream = line.stream.try_clone().unwrap();
    let sender = std::thread::spawn(move || {
        for _ in 0..2000 {
            std::io::Write::write_all(&mut stream, flood.as_bytes()).unwrap();
        }
    });
    for _ in 0..2000 {
        connection.recv_event().unwrap();
    }
    sender.join().unwrap();
    assert!(connection.recv_event_timeout(Duration::from_millis(150)).unwrap().is_none());
    let after = HEAP.load(Ordering::Relaxed);
    assert!(after < before + 8 * 1024, "{} bytes are kept", after - before);
    drop((warm, kept));
}
