//! Outbound mode: the I/O thread accepts calls and does their handshakes, then they are JavaScript's.
//!
//! A call takes a place when its handshake is done. Until then it only counts against a limit of its own, so that peers that
//! connect and stay silent keep no call out. The core's lobby has the same rule for threads that block; here the I/O
//! thread's poller waits.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use napi_derive::napi;
use parking_lot::Mutex;
use switchwire::{Bind, Connection, Error, ErrorKind, Options, Phase};

use crate::entry::{self, Entry, Mailbox, Notice};
use crate::error::{Result, invalid, io, refused_by_system, thrown};
use crate::hub::Hub;
use crate::options::{NativeOptions, milliseconds};
use crate::poller::{Accept, Handshake, Poller};

/// A server: a listening socket, or none where JavaScript accepts; and the limit on its calls.
pub(crate) struct Acceptor {
    id: u32,
    /// None once it is closed; calls in progress go on.
    listener: Mutex<Option<TcpListener>>,
    mailbox: Arc<Mailbox>,
    options: Options,
    handshake_timeout: Duration,
    max: usize,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    /// Calls that JavaScript has.
    active: usize,
    /// Calls whose handshake is in progress.
    handshaking: usize,
    /// Calls whose handshake is done and that wait for a place.
    waiting: VecDeque<(Arc<Entry>, Arc<Accepted>)>,
    /// The listener is not watched.
    full: bool,
}

/// How far a server's connection has come.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Handshake,
    Waiting,
    Call,
    Ended,
}

/// The server that accepted a connection, and how far that has come.
struct Accepted {
    acceptor: Arc<Acceptor>,
    stage: Mutex<Stage>,
    /// The handshake took too long, and JavaScript has been notified.
    expired: AtomicBool,
}

/// A handshake and its deadline.
struct Pending {
    deadline: Instant,
    entry: Arc<Entry>,
    accepted: Arc<Accepted>,
}

impl Accept for Acceptor {
    fn accept(self: Arc<Self>, poller: &Poller) -> Option<Box<dyn Handshake>> {
        let (stream, _) = self.listener.lock().as_ref()?.accept().ok()?;
        self.begin(stream, poller)
    }

    fn belongs_to(&self, mailbox: &Arc<Mailbox>) -> bool {
        Arc::ptr_eq(&self.mailbox, mailbox)
    }

    fn close(&self, poller: &Poller) {
        let listener = self.listener.lock().take();
        poller.remove_listener(self.id, listener.as_ref());
    }
}

impl Acceptor {
    /// Begins the handshake of an accepted call; returns it, to be watched for its deadline.
    fn begin(self: &Arc<Self>, stream: std::net::TcpStream, poller: &Poller) -> Option<Box<dyn Handshake>> {
        self.places.lock().handshaking += 1;
        self.update_accepting(poller);
        let accepted = Arc::new(Accepted {
            acceptor: self.clone(),
            stage: Mutex::default(),
            expired: AtomicBool::new(false),
        });
        let begun = Connection::accepted(stream, &self.options).and_then(|connection| {
            let (mailbox, queue) = (self.mailbox.clone(), self.options.queue);
            let added = poller.add(connection, mailbox, queue, Some(accepted.clone()));
            added.map_err(|error| Error::from_io("the call cannot be watched", error))
        });
        let entry = match begun {
            Ok(entry) => entry,
            Err(error) => {
                self.mailbox.push(Notice::CallFailed(self.id, error));
                self.places.lock().handshaking -= 1;
                self.update_accepting(poller);
                return None;
            }
        };
        let (server, call, place) = (self.clone(), Arc::downgrade(&entry), accepted.clone());
        let started =
            entry.connection.event_loop().handshake_with(move |result| match (result, call.upgrade()) {
                (Ok(()), Some(call)) => server.handshake_done(&call, &place),
                (Ok(()), None) => {}
                (Err(error), call) => server.handshake_failed(error, call.as_deref(), &place),
            });
        if let Err(error) = started {
            self.handshake_failed(error, Some(&entry), &accepted);
        }
        poller.sent(&entry);
        Some(Box::new(Pending { deadline: Instant::now() + self.handshake_timeout, entry, accepted }))
    }

    /// The call takes its place, or waits for one.
    fn handshake_done(&self, call: &Arc<Entry>, accepted: &Arc<Accepted>) {
        let mut places = self.places.lock();
        let mut stage = accepted.stage.lock();
        if *stage != Stage::Handshake {
            return;
        }
        places.handshaking -= 1;
        *stage = if places.active < self.max { Stage::Call } else { Stage::Waiting };
        if *stage == Stage::Waiting {
            places.waiting.push_back((call.clone(), accepted.clone()));
            return;
        }
        places.active += 1;
        drop((stage, places));
        self.introduce(call);
    }

    fn handshake_failed(&self, error: Error, call: Option<&Entry>, accepted: &Accepted) {
        let reported = accepted.expired.load(Ordering::Acquire);
        if call.is_none_or(|call| !reported && !is_probe(&error, &call.connection)) {
            self.mailbox.push(Notice::CallFailed(self.id, error));
        }
        if let Some(call) = call {
            call.connection.disconnect();
        }
    }

    fn introduce(&self, call: &Arc<Entry>) {
        self.mailbox.push(Notice::Call(self.id, call.clone()));
        call.introduced();
        if let Ok(poller) = Poller::get() {
            self.update_accepting(poller);
        }
    }

    /// Accepts while there are places.
    fn update_accepting(&self, poller: &Poller) {
        let listener = self.listener.lock();
        let Some(listener) = listener.as_ref() else { return };
        let mut places = self.places.lock();
        let full =
            places.active >= self.max || !places.waiting.is_empty() || places.handshaking >= MAX_HANDSHAKES;
        if full != places.full {
            places.full = full;
            poller.set_accepting(self.id, listener, !full);
        }
    }
}

impl Handshake for Pending {
    fn check(&self, now: Instant) -> bool {
        let connection = &self.entry.connection;
        let pending = connection.info_message().is_none() && connection.connected();
        if pending && self.deadline <= now {
            self.accepted.expired.store(true, Ordering::Release);
            let acceptor = &self.accepted.acceptor;
            acceptor.mailbox.push(Notice::CallFailed(acceptor.id, Error::timeout(Phase::Login)));
            connection.disconnect();
        }
        pending && self.deadline > now
    }
}

impl entry::Accepted for Accepted {
    /// The connection's place goes to the next call that waits.
    fn ended(&self) {
        let server = &self.acceptor;
        let mut places = server.places.lock();
        match std::mem::replace(&mut *self.stage.lock(), Stage::Ended) {
            Stage::Handshake => places.handshaking -= 1,
            Stage::Call => places.active -= 1,
            Stage::Waiting | Stage::Ended => {}
        }
        let mut next = None;
        while places.active < server.max && next.is_none() {
            let Some((call, accepted)) = places.waiting.pop_front() else { break };
            let mut stage = accepted.stage.lock();
            // It may have ended while it waited.
            if *stage == Stage::Waiting {
                *stage = Stage::Call;
                places.active += 1;
                next = Some(call);
            }
        }
        drop(places);
        match (next, Poller::get()) {
            (Some(call), _) => server.introduce(&call),
            (None, Ok(poller)) => server.update_accepting(poller),
            (None, Err(_)) => {}
        }
    }
}

/// A peer that connects and closes without sending anything: a load balancer's health check.
fn is_probe(error: &Error, connection: &Connection) -> bool {
    error.kind() == ErrorKind::Disconnected && connection.heard_nothing()
}

/// A server, as JavaScript sees it.
#[napi]
pub struct NativeServer {
    acceptor: Arc<Acceptor>,
}

#[napi]
impl NativeServer {
    #[napi(getter)]
    pub fn id(&self) -> u32 {
        self.acceptor.id
    }

    /// Calls in progress.
    #[napi(getter)]
    pub fn active(&self) -> u32 {
        u32::try_from(self.acceptor.places.lock().active).unwrap_or(u32::MAX)
    }

    /// The address it listens on, `host:port`; null where JavaScript accepts.
    #[napi(getter)]
    pub fn address(&self) -> Result<Option<String>> {
        let listener = self.acceptor.listener.lock();
        let Some(listener) = listener.as_ref() else { return Ok(None) };
        let address = listener.local_addr();
        address
            .map(|address| Some(address.to_string()))
            .map_err(|error| io("the address is not known", &error))
    }

    /// Takes a call that JavaScript has accepted: a copy of its descriptor, so that JavaScript may close its own.
    #[napi]
    pub fn receive(&self, descriptor: i32) -> Result<()> {
        let failed = |error| io("the call's socket cannot be taken", &error);
        let socket = duplicate(descriptor).map_err(failed)?;
        let poller = Poller::get().map_err(failed)?;
        if let Some(handshake) = self.acceptor.begin(socket.into(), poller) {
            poller.watch_handshake(handshake);
        }
        Ok(())
    }

    /// Accepts no more calls; those in progress go on.
    #[napi]
    pub fn close(&self) {
        if let Ok(poller) = Poller::get() {
            self.acceptor.close(poller);
        }
    }
}

/// Where to listen; see `ListenOptions` in `index.d.ts`. Without host and descriptor JavaScript accepts.
#[napi(object)]
pub struct NativeListen {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub backlog: Option<u16>,
    pub reuse_port: Option<bool>,
    pub descriptor: Option<i32>,
    /// Calls at once.
    pub max: u32,
    /// Milliseconds for a handshake.
    pub handshake: Option<f64>,
}

impl NativeListen {
    fn listener(&self) -> Result<Option<TcpListener>> {
        if let Some(descriptor) = self.descriptor {
            return listening(descriptor).map(Some);
        }
        let Some(host) = &self.host else { return Ok(None) };
        let mut bind =
            Bind::new(host, self.port.unwrap_or_default()).reuse_port(self.reuse_port.unwrap_or_default());
        if let Some(backlog) = self.backlog {
            bind = bind.backlog(backlog);
        }
        bind.bind().map(Some).map_err(|error| match error.kind() {
            // Nothing was connected to: JavaScript's programs know it as the system's refusal.
            ErrorKind::Connect => refused_by_system(&error.to_string()),
            _ => thrown(&error),
        })
    }
}

/// Listens for calls. BLOCKS while a host's name is resolved: give an address.
#[napi]
pub fn listen(hub: &Hub, at: NativeListen, options: NativeOptions) -> Result<NativeServer> {
    let failed = |error| io("cannot listen", &error);
    let poller = Poller::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
    let options = options.apply(Options::outbound())?;
    let handshake_timeout =
        at.handshake.map_or(Ok(HANDSHAKE_TIMEOUT), |time| milliseconds("handshake", time))?;
    let listener = at.listener()?;
    if let Some(listener) = &listener {
        listener.set_nonblocking(true).map_err(failed)?;
    }
    let acceptor = Arc::new(Acceptor {
        id: poller.next_id(),
        listener: Mutex::new(listener),
        mailbox: hub.mailbox.clone(),
        options,
        handshake_timeout,
        max: at.max.max(1) as usize,
        places: Mutex::default(),
    });
    let added = poller.add_listener(acceptor.id, acceptor.clone(), acceptor.listener.lock().as_ref());
    added.map_err(failed)?;
    Ok(NativeServer { acceptor })
}

/// Takes over a descriptor of the program's, which must be a listening socket.
fn listening(descriptor: RawFd) -> Result<TcpListener> {
    // Checked before anything owns it: any other descriptor stays the program's.
    let mut listens: libc::c_int = 0;
    let mut size = libc::socklen_t::try_from(size_of::<libc::c_int>()).unwrap_or_default();
    // SAFETY: the call writes at most `size` bytes to `listens`, and takes any number for a descriptor.
    let status = unsafe {
        libc::getsockopt(
            descriptor,
            libc::SOL_SOCKET,
            libc::SO_ACCEPTCONN,
            (&raw mut listens).cast(),
            &raw mut size,
        )
    };
    if status != 0 || listens == 0 {
        return Err(invalid(format!("fd {descriptor} is no listening socket")));
    }
    // SAFETY: it is open, and `listen({fd})` requires that nothing else owns it from now on.
    Ok(TcpListener::from(unsafe { OwnedFd::from_raw_fd(descriptor) }))
}

fn duplicate(descriptor: RawFd) -> std::io::Result<OwnedFd> {
    if descriptor < 0 {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: JavaScript's socket, which stays open over this call.
    unsafe { BorrowedFd::borrow_raw(descriptor) }.as_fd().try_clone_to_owned()
}

/// Handshakes in progress at once.
const MAX_HANDSHAKES: usize = 256;
/// The default for `timeouts.handshake`, as in the core's `Listener`: FreeSWITCH replies to `connect` at once.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
