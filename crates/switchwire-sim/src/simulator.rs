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
use crate::custom::{Asked, Done, Handler, Respond};
use crate::dialplan::Extension;
use crate::endpoint::Endpoint;
use crate::faults::{End, Faults};
use crate::journal::{Journal, Seen};
use crate::load::Load;
use crate::scenario::{Act, Expect, Unmet, check};
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
    journal: Journal,
    expectations: Vec<Expect>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    pub(crate) fn start(config: Config) -> io::Result<Self> {
        let password = config.password.clone();
        let journal = Journal::default();
        let kept = (config.watched || !config.expectations.is_empty()).then(|| journal.clone());
        let expectations = config.expectations.clone();
        // Bounded: a caller that fires faster than the simulator works has to wait, as a thread of the server does.
        let (control, inbox) = mpsc::sync_channel(CONTROL_BOUND);
        let shared = Arc::new(Shared::default());
        let (world, poll, waker, addr) = World::new(config, Arc::clone(&shared), kept)?;
        let thread = std::thread::Builder::new().name("switchwire-sim".into()).stack_size(STACK).spawn({
            let journal = journal.clone();
            move || {
                world.run(poll, &inbox);
                journal.close();
            }
        })?;
        Ok(Self { addr, password, control, waker, shared, journal, expectations, thread: Some(thread) })
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

    /// Sends these bytes, whatever they are, to every connection that is logged in, between two frames and after the events
    /// that were fired before: for what a server should never send.
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

    /// Gives the connection of that number these faults; 1 is the first connection that was made, inbound or outbound.
    pub fn set_faults_of(&self, connection: usize, faults: Faults) {
        self.send(Control::FaultsOf(connection, faults));
    }

    /// Refuses connections, as a machine on which no server listens, or accepts them again. Returns when that is so.
    pub fn refuse(&self, refuse: bool) {
        let (done, wait) = mpsc::channel();
        self.send(Control::Refuse(refuse, done));
        let _ = wait.recv();
    }

    /// Dies and starts again: connections end without a notice, calls are gone without an event, the Core-UUID is
    /// another and `Event-Sequence` begins anew. The port stays.
    pub fn restart(&self) {
        self.act(Act::Restart);
    }

    /// Does what a step of a script does, now.
    pub fn act(&self, act: Act) {
        self.send(Control::Act(act));
    }

    /// Makes calls at a steady rate from now on; in place of an earlier load, whose calls end by themselves.
    pub fn load(&self, load: Load) {
        self.send(Control::Load(load));
    }

    /// Adds an extension to the dialplan.
    pub fn dialplan(&self, extension: Extension) {
        self.send(Control::Dialplan(extension));
    }

    /// Sets what an endpoint does; see [`Builder::endpoint`](crate::Builder::endpoint).
    pub fn endpoint(&self, dial: &str, endpoint: Endpoint) {
        self.send(Control::Endpoint(dial.to_owned(), Handler::now(move |_| endpoint.clone())));
    }

    /// Adds an api command while it runs; see [`Builder::api_later`](crate::Builder::api_later).
    pub fn api_later(&self, name: &str, run: impl Fn(Asked, Respond<String>) + Send + Sync + 'static) {
        self.send(Control::Api(name.to_owned(), Handler::later(run)));
    }

    /// Adds an application while it runs; see [`Builder::application_later`](crate::Builder::application_later).
    pub fn application_later(&self, name: &str, run: impl Fn(Asked, Respond<Done>) + Send + Sync + 'static) {
        self.send(Control::Application(name.to_owned(), Handler::later(run)));
    }

    /// Sets what decides about an endpoint while it runs; see
    /// [`Builder::endpoint_later`](crate::Builder::endpoint_later).
    pub fn endpoint_later(
        &self,
        dial: &str,
        decide: impl Fn(Asked, Respond<Endpoint>) + Send + Sync + 'static,
    ) {
        self.send(Control::Endpoint(dial.to_owned(), Handler::later(decide)));
    }

    /// The commands and events seen so far, oldest first; nothing unless something is expected or the simulator is
    /// [watched](crate::Builder::watched). Of more than 100,000 the oldest are forgotten.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.journal.all().0
    }

    /// Waits until everything that is expected has happened, at most that long; then says what has not. What must
    /// never happen has not happened so far. Returns at once when the simulator has ended.
    pub fn verify(&self, time: Duration) -> Result<(), Unmet> {
        self.verifier().verify(time)
    }

    /// What verifies once the simulator is [gone](Self::wait), or from another thread.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier { journal: self.journal.clone(), expectations: self.expectations.clone() }
    }

    /// Waits, at most that long, until these things have happened; for expectations made while the simulator runs.
    pub fn wait_for(&self, expected: &[Expect], time: Duration) -> Result<(), Unmet> {
        self.journal.wait(time, |seen, forgotten| check(expected, seen, forgotten))
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

/// Checks a simulator's expectations, also when it has ended.
#[derive(Debug, Clone)]
pub struct Verifier {
    journal: Journal,
    expectations: Vec<Expect>,
}

impl Verifier {
    /// As [`Simulator::verify`].
    pub fn verify(&self, time: Duration) -> Result<(), Unmet> {
        self.journal.wait(time, |seen, forgotten| check(&self.expectations, seen, forgotten))
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
