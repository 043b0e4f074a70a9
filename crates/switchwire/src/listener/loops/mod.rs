//! Sessions without threads of their own: event loops run callbacks.
//!
//! `session` is what a callback works with, `mailbox` how a loop is reached from elsewhere, `run` the loop itself, `slot` a
//! session between its callbacks, `timers` the callbacks that are due later.

mod mailbox;
mod run;
mod session;
mod slot;
mod timers;

use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

pub use self::mailbox::Remote;
pub use self::session::Session;
pub use self::timers::SessionTimer;

use self::mailbox::{Mailbox, Post};
use super::server::{Place, Runner};
use crate::{Connection, Error, Event, Incoming};

/// What becomes of one call, as callbacks of an event loop (see [`Listener::serve_loops`](super::Listener::serve_loops)).
/// There is one value for each call; what the program has to remember of the call is in it.
///
/// **Nothing here may wait**: a callback that takes long holds up every other call of its loop. A [`Session`] has no
/// method that waits, and those of any [`Connection`] (`api`, `recv_event`, `execute_and_wait` …) are refused in a callback with
/// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), before anything is sent. What must wait (a database, an inquiry at
/// another service) belongs on a thread of the program, which comes back through a [`Remote`].
///
/// **Errors.** A callback that fails (an error, a panic) ends its call as a failed handler does: the call is hung up with the
/// listener's [`failure_cause`](super::Listener::failure_cause), the error is counted and reported to
/// [`on_error`](super::Listener::on_error), and no further callback of that call runs but [`ended`](Self::ended). A
/// `Hangup` or `Disconnected` error that a callback lets through after the call has ended is a normal end. Other calls
/// go on.
///
/// **Order.** Callbacks of one call run one after another, on one thread. Of what one read of the socket brings, events
/// come first, in the server's order, then replies and ends of applications, in theirs.
///
/// ```no_run
/// use switchwire::{Error, Event, Executed, Listener, Result, Session, SessionHandler};
///
/// #[derive(Default)]
/// struct Greeting {
///     digits: String,
/// }
///
/// impl SessionHandler for Greeting {
///     type Error = Error;
///
///     fn connected(&mut self, session: &mut Session<'_, Self>, _info: Event) -> Result<()> {
///         session.linger(Some(5))?;
///         session.myevents()?;
///         session.execute("answer", "", |_, session, answered| {
///             answered?;
///             session.execute("playback", "ivr/ivr-welcome.wav", Self::played)
///         })
///     }
///
///     fn event(&mut self, _session: &mut Session<'_, Self>, event: Event) -> Result<()> {
///         self.digits.extend(event.header("DTMF-Digit").as_deref());
///         Ok(())
///     }
/// }
///
/// impl Greeting {
///     fn played(&mut self, session: &mut Session<'_, Self>, played: Result<Executed>) -> Result<()> {
///         played?;
///         println!("pressed: {}", self.digits);
///         session.hangup(None)
///     }
/// }
///
/// Listener::bind("127.0.0.1:8084")?.max_sessions(10_000).serve_loops(1, Greeting::default)?.join();
/// # Ok::<(), Error>(())
/// ```
pub trait SessionHandler: Sized + Send + 'static {
    /// What callbacks fail with; [`crate::Error`] will do for most programs.
    type Error: Display + 'static;

    /// The call is there. `info` is the reply to `connect`: the channel's data. (Nothing else keeps it: some kilobytes.)
    ///
    /// # Errors
    /// Any: the call is hung up then. So for all callbacks.
    fn connected(&mut self, session: &mut Session<'_, Self>, info: Event) -> Result<(), Self::Error>;

    /// An event has come that no application or job waits for.
    ///
    /// # Errors
    /// As [`connected`](Self::connected).
    fn event(&mut self, session: &mut Session<'_, Self>, event: Event) -> Result<(), Self::Error> {
        let _ = (session, event);
        Ok(())
    }

    /// Anything has come that is no reply. Unless you write your own, events go to [`event`](Self::event), and log lines and the
    /// notice that the call has ended (after `linger`) are dropped.
    ///
    /// # Errors
    /// As [`connected`](Self::connected).
    fn incoming(&mut self, session: &mut Session<'_, Self>, incoming: Incoming) -> Result<(), Self::Error> {
        match incoming {
            Incoming::Event(event) => self.event(session, event),
            _ => Ok(()),
        }
    }

    /// The session is over, whatever has ended it; `reason` says what (`Disconnected` with the server's words, or the error
    /// of the callback that failed). It is the last callback, and it comes once, except after a panic.
    fn ended(self, reason: &Error) {
        let _ = reason;
    }
}

/// A callback of one call.
type Continuation<H> =
    Box<dyn FnOnce(&mut H, &mut Session<'_, H>) -> Result<(), <H as SessionHandler>::Error> + Send>;
/// Makes a handler for each call.
type Make<H> = Arc<dyn Fn() -> H + Send + Sync>;

/// The event loops of a listener. Calls go to each in turn.
pub(super) struct Loops<H: SessionHandler> {
    mailboxes: Vec<Arc<Mailbox<H>>>,
    threads: parking_lot::Mutex<Vec<JoinHandle<()>>>,
    next: AtomicUsize,
}

impl<H: SessionHandler> Loops<H> {
    pub(super) fn start(count: usize, make: Make<H>) -> io::Result<Self> {
        let mut loops =
            Self { mailboxes: Vec::new(), threads: parking_lot::Mutex::default(), next: AtomicUsize::new(0) };
        for _ in 0..count.max(1) {
            // When one cannot be started, dropping ends those that run.
            let (mailbox, event_loop) = run::EventLoop::new(make.clone())?;
            let thread = std::thread::Builder::new().name("switchwire-loop".into());
            loops.threads.get_mut().push(thread.spawn(move || event_loop.run())?);
            loops.mailboxes.push(mailbox);
        }
        Ok(loops)
    }

    fn post_all(&self, post: impl Fn() -> Post<H>) {
        self.mailboxes.iter().for_each(|mailbox| mailbox.post(post()));
    }
}

impl<H: SessionHandler> Runner for Loops<H> {
    fn begin(&self, call: Connection, place: Place) -> io::Result<()> {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.mailboxes.len();
        self.mailboxes[next].post(Post::Begin(call, place));
        Ok(())
    }

    fn disconnected(&self) {
        self.post_all(|| Post::LookAtAll);
    }

    fn close(&self) {
        self.post_all(|| Post::Close);
    }

    fn join(&self) {
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A loop's thread cannot wait for itself; panics of callbacks do not reach it.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl<H: SessionHandler> Drop for Loops<H> {
    fn drop(&mut self) {
        self.close();
    }
}
