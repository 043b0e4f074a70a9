//! The handle of a running simulator.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use switchwire_proto::{Event, LogLevel};

use crate::api::stores::Registration;
use crate::config::Config;
use crate::faults::{End, Faults};
use crate::shared::Shared;
use crate::world::{Control, World};

/// A running simulator. Dropping it closes every connection without a notice and frees the port; see
/// [`shutdown`](Self::shutdown) for an orderly shutdown.
#[derive(Debug)]
pub struct Simulator {
    addr: SocketAddr,
    password: String,
    control: mpsc::SyncSender<Control>,
    waker: Arc<mio::Waker>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    pub(crate) fn start(config: Config) -> io::Result<Self> {
        let password = config.password.clone();
        // Bounded: a caller that fires faster than the simulator works has to wait, as a thread of the server does.
        let (control, inbox) = mpsc::sync_channel(CONTROL_BOUND);
        let shared = Arc::new(Shared::default());
        let (world, poll, waker, addr) = World::new(config, Arc::clone(&shared))?;
        let thread = std::thread::Builder::new()
            .name("switchwire-sim".into())
            .stack_size(STACK)
            .spawn(move || world.run(poll, &inbox))?;
        Ok(Self { addr, password, control, waker, shared, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The port it listens at.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.addr.port()
    }

    /// The password that `auth` takes.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// How many connections are open, inbound and outbound.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Acquire)
    }

    /// How many channels are up.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.shared.channels.load(Ordering::Acquire)
    }

    /// Fires an event: the standard headers (`Core-UUID`, dates, `Event-Sequence`) are added where they are missing.
    /// Blocks while more than 10,000 of such requests wait.
    pub fn fire(&self, event: Event) {
        self.send(Control::Fire(event));
    }

    /// Sends these bytes, whatever they are, to every connection that is logged in, between two frames: for what a
    /// server should never send.
    pub fn send_raw(&self, bytes: impl Into<Vec<u8>>) {
        self.send(Control::Raw(bytes.into()));
    }

    /// Sends a log line, without its line break, to the connections that listen to that level.
    pub fn log(&self, level: LogLevel, text: &str) {
        self.send(Control::Log(level, text.to_owned()));
    }

    /// Adds or replaces an extension of the dialplan; see [`Builder::extension`](crate::Builder::extension).
    pub fn extension(&self, number: &str, applications: &[(&str, &str)]) {
        let actions = applications.iter().map(|&(app, arg)| (app.to_owned(), arg.to_owned())).collect();
        self.send(Control::Extension(number.to_owned(), actions));
    }

    /// Registers a phone for an hour: `user/USER@DOMAIN` finds it, `sofia_contact`, `show registrations` and `sofia
    /// status profile internal reg` show it. A registration with the same call id is replaced.
    pub fn register(&self, user: &str, domain: &str, contact: SocketAddr, call_id: &str) {
        let expires = crate::event::clock::Moment::now().seconds() + 3600;
        let (user, domain, call_id) = (user.to_owned(), domain.to_owned(), call_id.to_owned());
        self.send(Control::Register(Registration { user, domain, contact, call_id, expires }));
    }

    /// Sets the faults of every connection, present and future.
    pub fn set_faults(&self, faults: Faults) {
        self.send(Control::Faults(faults));
    }

    /// Lets time pass at once, every timer in its order, if the clock is [virtual](crate::Time); `false` if it is the
    /// machine's. Returns when all that was due has been done and what there is to send is on its way.
    pub fn advance(&self, time: Duration) -> bool {
        let (done, wait) = mpsc::channel();
        self.send(Control::Advance(time, done));
        wait.recv().unwrap_or(false)
    }

    /// Ends every connection in that way; the simulator goes on listening.
    pub fn disconnect_all(&self, end: End) {
        self.send(Control::DisconnectAll(end));
    }

    /// Ends the simulator as a server that shuts down: SHUTDOWN event, notice, close. Returns when its thread is gone.
    pub fn shutdown(mut self) {
        self.send(Control::Shutdown);
        self.join();
    }

    /// Waits until the simulator ends by itself: when a client sends `fsctl shutdown`.
    pub fn wait(mut self) {
        self.join();
    }

    /// Ends it at once; whether its thread came to its end without a panic.
    #[cfg(feature = "fuzz")]
    #[doc(hidden)]
    pub fn ends_well(mut self) -> bool {
        self.send(Control::Stop);
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }

    fn send(&self, control: Control) {
        // A simulator that ended by itself (`fsctl shutdown`) takes no more requests: nothing is lost.
        if self.control.send(control).is_ok() {
            let _ = self.waker.wake();
        }
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.send(Control::Stop);
            self.join();
        }
    }
}

/// Requests that may wait for the simulator's thread.
const CONTROL_BOUND: usize = 10_000;
/// The deepest calls are a channel's nested applications; they are bounded.
const STACK: usize = 512 * 1024;
