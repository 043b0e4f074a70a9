//! The task that reads a connection's socket: one per connection, on the runtime that it was opened on.
//!
//! It waits for the descriptor ([`AsyncFd`]), has the core read and dispatch what came ([`EventLoop::pump`]), and wakes the tasks
//! that wait. Events stay in the core's bounded queue until a task takes them. No other code reads: a read elsewhere
//! would use up the readiness that this task waits for.
//!
//! Reading is much quicker than what programs do with events, and a runtime may run this task many times before it
//! comes to the one that receives: so, while much is queued, it waits until most of that has been taken ([`Lag`]), though not
//! for long.
//!
//! Where replies come within microseconds, it looks for the next one for a moment before it leaves the runtime to sleep
//! ([`Haste`]).
//!
//! [`EventLoop::pump`]: switchwire::EventLoop::pump

use std::future::Future;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use switchwire::proto::raw::Pace;
use switchwire::{Error, Result, Stats};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, Sleep};

use crate::wakers::Wakers;

/// What the driver and the handles of its connection share.
#[derive(Default)]
pub(crate) struct Link {
    driver: Mutex<Option<Waker>>,
    /// Reading pauses: whoever takes messages or sends a command wakes the driver.
    paused: AtomicBool,
    /// How many messages are to be taken before reading goes on; 0 and less while it does not wait for that.
    owed: AtomicIsize,
    /// Replies come quickly: the driver looks for the next one.
    hasty: AtomicBool,
    /// A command has been sent.
    asked: AtomicBool,
    /// Tasks that wait for a message.
    pub(crate) receivers: Wakers,
}

impl Link {
    /// There is something to write.
    pub(crate) fn wake_driver(&self) {
        if let Some(waker) = &*self.driver.lock() {
            waker.wake_by_ref();
        }
    }

    /// A message has been taken.
    pub(crate) fn taken(&self) {
        if self.owed.load(Ordering::Acquire) > 0 && self.owed.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.wake_driver();
        }
        self.resume();
    }

    /// A command is sent, whose reply is to be read.
    pub(crate) fn awaits_reply(&self) {
        self.asked.store(true, Ordering::Release);
        if self.hasty.load(Ordering::Acquire) {
            self.wake_driver();
        }
        self.emptied();
        self.resume();
    }

    /// No message is left: reading does not wait any more.
    pub(crate) fn emptied(&self) {
        if self.owed.load(Ordering::Acquire) > 0 && self.owed.swap(0, Ordering::AcqRel) > 0 {
            self.wake_driver();
        }
    }

    /// There may be room in the queue again, or a reply is awaited.
    fn resume(&self) {
        if self.paused.load(Ordering::Acquire) && self.paused.swap(false, Ordering::AcqRel) {
            self.wake_driver();
        }
    }

    fn register(&self, waker: &Waker) {
        let mut driver = self.driver.lock();
        if !driver.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *driver = Some(waker.clone());
        }
    }
}

/// Watches a socket that stays open for as long as `inner` lives.
pub(crate) fn watch<T: AsRawFd>(inner: T, interest: Interest) -> Result<AsyncFd<T>> {
    #[allow(
        deprecated,
        reason = "what newer versions of tokio offer instead asks for unsafe code, and for no more than is said here"
    )]
    AsyncFd::with_interest(inner, interest).map_err(cannot_watch)
}

pub(crate) fn cannot_watch(error: std::io::Error) -> Error {
    Error::from_io("cannot watch the socket", error)
}

pub(crate) struct Driver {
    socket: AsyncFd<switchwire::Connection>,
    link: Arc<Link>,
    lag: Lag,
    haste: Haste,
    quiet: Quiet,
}

impl Driver {
    /// Needs a runtime with I/O and time.
    pub(crate) fn new(connection: switchwire::Connection) -> Result<(Self, Arc<Link>)> {
        let socket = watch(connection, Interest::READABLE | Interest::WRITABLE)?;
        let link = Arc::<Link>::default();
        let driver = Self {
            socket,
            link: link.clone(),
            lag: Lag::default(),
            haste: Haste::default(),
            quiet: Quiet::default(),
        };
        Ok((driver, link))
    }

    /// Reads what is there; `Ready` at the end of the connection.
    fn read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.lag.lasts(&self.link, context) {
            return Poll::Pending;
        }
        loop {
            let looks = self.haste.looks(&self.link);
            let mut ready = match self.socket.poll_read_ready(context) {
                Poll::Ready(Ok(ready)) => Some(ready),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending if looks => None,
                Poll::Pending => return Poll::Pending,
            };
            let connection = self.socket.get_ref();
            // (A short read is the last: what comes later is reported anew, and an end of the stream is not forgotten by
            // `clear_ready`.)
            let pumped = connection.event_loop().pump_level();
            let stats = connection.stats();
            self.haste.seen(stats.unanswered, &self.link);
            let announced = self.link.receivers.is_empty() || stats.queued == 0;
            if !pumped.connected {
                return Poll::Ready(());
            }
            if !announced {
                self.link.receivers.wake_all();
            }
            self.quiet.disturbed();
            if pumped.held_up {
                if !self.link.paused.swap(true, Ordering::AcqRel) {
                    // Messages may have been taken since the look.
                    continue;
                }
                return Poll::Pending;
            }
            if !pumped.more
                && let Some(ready) = &mut ready
            {
                ready.clear_ready();
            }
            if self.lag.begins(self.socket.get_ref(), &stats, &self.link) {
                if self.lag.lasts(&self.link, context) {
                    return Poll::Pending;
                }
                // Most has been taken meanwhile.
                continue;
            }
            if pumped.more || ready.is_none() && self.haste.awaited.is_some() {
                // Those that were woken have their turn first.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if ready.is_none() {
                return Poll::Pending;
            }
        }
    }

    /// Writes what is held back, as far as there is room.
    fn write(&self, context: &mut Context<'_>) {
        let event_loop = self.socket.get_ref().event_loop();
        while event_loop.flush_writes() {
            let Poll::Ready(Ok(mut ready)) = self.socket.poll_write_ready(context) else { return };
            if event_loop.flush_writes() {
                ready.clear_ready();
            }
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let driver = &mut *self;
        driver.link.register(context.waker());
        if driver.read(context).is_ready() {
            return Poll::Ready(());
        }
        driver.write(context);
        if driver.quiet.has_come(context) {
            driver.socket.get_ref().event_loop().release_buffers();
        }
        Poll::Pending
    }
}

impl Drop for Driver {
    /// Also when the runtime ends: then nothing would be read any more.
    fn drop(&mut self) {
        self.socket.get_ref().disconnect();
        self.link.receivers.wake_all();
    }
}

/// Looks for replies that come quickly, instead of sleeping until the system reports them.
#[derive(Default)]
struct Haste {
    pace: Pace,
    /// Since when a reply is awaited, and until when it is looked for.
    awaited: Option<(std::time::Instant, Option<std::time::Instant>)>,
    /// It was looked for and not found.
    slept: bool,
}

impl Haste {
    /// Whether to look now, though nothing has been reported.
    fn looks(&mut self, link: &Link) -> bool {
        if link.asked.swap(false, Ordering::AcqRel) && self.awaited.is_none() {
            let now = std::time::Instant::now();
            let looks = self.pace.begin();
            self.awaited = Some((now, looks.map(|time| now + time)));
            self.slept = looks.is_none();
            return looks.is_some();
        }
        let Some((_, Some(until))) = self.awaited else { return false };
        self.slept |= std::time::Instant::now() >= until;
        !self.slept
    }

    /// So many replies are awaited after a look.
    fn seen(&mut self, unanswered: usize, link: &Link) {
        if unanswered > 0 {
            return;
        }
        let Some((since, until)) = self.awaited.take() else { return };
        self.pace.end(until.is_some(), self.slept, since.elapsed());
        link.hasty.store(self.pace.is_quick(), Ordering::Release);
    }
}

/// Keeps reading from running away from those that take what was read.
#[derive(Default)]
struct Lag {
    timer: Option<Pin<Box<Sleep>>>,
    /// How many messages were to be taken at the last look.
    owed: isize,
    /// Nothing was taken while reading waited: it does not wait again until something is.
    in_vain: bool,
}

impl Lag {
    /// Whether so much is queued that reading is to wait. Not while a reply is awaited: it may be behind the events.
    fn begins(&mut self, connection: &switchwire::Connection, stats: &Stats, link: &Link) -> bool {
        let much = stats.queued >= MUCH || stats.queued_bytes >= MUCH_BYTES;
        if !much || stats.unanswered > 0 || self.in_vain && link.owed.load(Ordering::Acquire) > 0 {
            return false;
        }
        self.in_vain = false;
        let owed = (stats.queued - stats.queued / 4).max(1);
        self.owed = owed.try_into().unwrap_or(isize::MAX);
        link.owed.store(self.owed, Ordering::Release);
        // What was taken since the look was not counted, and no more may be left than that.
        if connection.stats().queued < owed {
            link.owed.store(0, Ordering::Release);
            return false;
        }
        self.timer = Some(Box::pin(tokio::time::sleep(STEP)));
        true
    }

    /// Whether reading still waits: until most has been taken, a command is sent, or those that take are slow. The server is
    /// not held up by a program that takes little or nothing: then the queue's bounds and its policy are all that counts.
    fn lasts(&mut self, link: &Link, context: &mut Context<'_>) -> bool {
        let Some(timer) = &mut self.timer else { return false };
        let left = loop {
            let left = link.owed.load(Ordering::Acquire);
            if left <= 0 {
                break left;
            }
            if timer.as_mut().poll(context).is_pending() {
                return true;
            }
            if self.owed - left < QUICK {
                break left;
            }
            self.owed = left;
            timer.as_mut().reset(Instant::now() + STEP);
        };
        self.timer = None;
        self.in_vain = left == self.owed;
        // The next one that is taken says that there is someone again.
        link.owed.store(self.in_vain.into(), Ordering::Release);
        false
    }
}

/// From here on reading waits for those that take.
const MUCH: usize = 256;
const MUCH_BYTES: usize = 1 << 20;
/// For as long as so many are taken in each of these times: six thousand a second.
const QUICK: isize = 64;
const STEP: Duration = Duration::from_millis(10);

/// Notices when nothing has been read for a while. While something is, the timer is set ten times a second, not at each read.
#[derive(Default)]
struct Quiet {
    timer: Option<Pin<Box<Sleep>>>,
    disturbed: bool,
}

impl Quiet {
    fn disturbed(&mut self) {
        self.disturbed = true;
    }

    /// Reports each quiet time once.
    fn has_come(&mut self, context: &mut Context<'_>) -> bool {
        if self.timer.is_none() && self.disturbed {
            self.timer = Some(Box::pin(tokio::time::sleep(QUIET)));
        }
        while let Some(timer) = &mut self.timer {
            if timer.as_mut().poll(context).is_pending() {
                return false;
            }
            if !std::mem::take(&mut self.disturbed) {
                self.timer = None;
                return true;
            }
            timer.as_mut().reset(Instant::now() + QUIET);
        }
        false
    }
}

/// How long nothing is read before the buffers of a busy time are freed.
const QUIET: Duration = Duration::from_millis(100);
