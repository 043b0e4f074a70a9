//! The Rust worker.

use std::io::BufRead as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use switchwire::{Builder, Connection, Event, EventType, Job, Listener, Subscription};

pub(crate) fn run() -> Result<()> {
    let served = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&served);
    let listener = Listener::bind("127.0.0.1:0")?.serve(move |call| {
        if serve(&call).is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    })?;
    let mut worker = Worker { port: listener.local_addr().port(), served, called: 0 };
    for line in std::io::stdin().lock().lines() {
        match line?.split_once(' ') {
            Some(("connect", rest)) => {
                let (port, patience) = rest.split_once(' ').context("connect wants two numbers")?;
                worker.live(port.parse()?, Duration::from_millis(patience.parse()?));
            }
            _ => break,
        }
    }
    ensure!(listener.stop(PATIENCE), "calls were left");
    Ok(())
}

/// A call: answer, play, hang up.
fn serve(call: &Connection) -> switchwire::Result<()> {
    call.myevents(None)?;
    call.execute_and_wait("answer", "", None, PATIENCE)?;
    call.execute_and_wait("playback", "greeting.wav", None, PATIENCE)?;
    call.hangup(None)?;
    Ok(())
}

struct Worker {
    port: u16,
    served: Arc<AtomicU64>,
    called: u64,
}

/// What one connection came to.
#[derive(Default)]
struct Count {
    events: u64,
    wrong: u64,
    expected: u64,
    apis: u64,
    lates: u64,
    jobs: u64,
    open: Vec<(Job, u64)>,
}

impl Worker {
    fn live(&mut self, port: u16, patience: Duration) {
        let connection = match log_in(port, patience) {
            Ok(connection) => connection,
            Err(error) => return println!("refused {:?}", error.kind()),
        };
        println!("ready");
        let mut count = Count { expected: 1, ..Count::default() };
        while let Ok(event) = connection.recv_event() {
            if event.event_type() == EventType::Custom {
                count.check(&event);
                // An error here is the connection's end: what was received before it is still to be taken.
                let _ = self.obey(&connection, &event, &mut count);
            }
        }
        println!("end {} {}", count.events, count.wrong);
    }

    fn obey(&mut self, connection: &Connection, event: &Event, count: &mut Count) -> switchwire::Result<()> {
        let number = count.expected - 1;
        match event.header("Soak-Do").as_deref() {
            Some("api") => {
                for at in 0..3 {
                    let text = format!("{number}-{at}");
                    count.wrong += u64::from(connection.api("echo", &text)?.text() != text);
                    count.apis += 1;
                }
            }
            Some("job") => {
                let job = connection.bgapi("echo", &number.to_string())?;
                count.open.push((job, number));
            }
            Some("late") => {
                let pending = connection.submit(&switchwire::Command::api("msleep", "500")?)?;
                let late = pending.wait_timeout(Duration::from_millis(50));
                count.lates += u64::from(late.is_err_and(|error| error.is_timeout()));
            }
            Some("call") => {
                let dial = format!("null/soak '&socket(127.0.0.1:{} async full)'", self.port);
                connection.bgapi("originate", &dial)?;
                self.called += 1;
            }
            Some("mark") => {
                for (job, number) in std::mem::take(&mut count.open) {
                    let end = job.wait(PATIENCE)?;
                    count.wrong += u64::from(end.body_text().as_deref() != Some(&number.to_string()));
                    count.jobs += 1;
                }
                let mut patience = PATIENCE.as_millis();
                while self.served.load(Ordering::SeqCst) < self.called && patience > 0 {
                    std::thread::sleep(Duration::from_millis(1));
                    patience -= 1;
                }
                let Count { events, wrong, apis, jobs, lates, .. } = count;
                let calls = self.served.load(Ordering::SeqCst);
                println!("mark {events} {wrong} {apis} {jobs} {lates} {calls}");
            }
            _ => {}
        }
        Ok(())
    }
}

fn log_in(port: u16, patience: Duration) -> switchwire::Result<Connection> {
    let connection = Builder::new("127.0.0.1", port).login_timeout(patience).connect()?;
    connection.subscribe(&Subscription::new().event(EventType::BackgroundJob).custom("soak::event"))?;
    Ok(connection)
}

impl Count {
    fn check(&mut self, event: &Event) {
        let number = self.expected;
        let length = event.header("Soak-Length").map_or(0, |length| length.parse().unwrap_or(usize::MAX));
        let good = event.header("Soak-Number").is_some_and(|value| value == number.to_string())
            && event
                .header("Soak-Text")
                .is_some_and(|text| text == format!("{number}: 50% \u{fc}ber & more"))
            && event.body().map_or(0, <[u8]>::len) == length;
        self.wrong += u64::from(!good);
        self.events += 1;
        self.expected += 1;
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
