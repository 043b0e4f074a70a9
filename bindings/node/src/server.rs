//! Outbound mode: the I/O thread accepts calls and shakes hands with them, then they are JavaScript's.
//!
//! A call takes a place when its handshake is done. Until then it only counts against a bound of its own, so that peers that
//! connect and stay silent keep no call out.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use napi_derive::napi;
use parking_lot::Mutex;
use switchwire::{Bind, Connection, Error, ErrorKind, Options, Phase};

use crate::error::{Result, invalid, io, refused_by_system, thrown};
use crate::hub::{Hub, Mailbox, Notice};
use crate::io::{Entry, HandShake, Io};
use crate::options::{NativeOptions, milliseconds};

/// A server: a listening socket, or none where JavaScript accepts; and the bound on its calls.
pub(crate) struct Acceptor {
    pub(crate) id: u32,
    /// Gone once it is closed, whatever calls are on.
    pub(crate) listener: Mutex<Option<TcpListener>>,
    pub(crate) mailbox: Arc<Mailbox>,
    options: Options,
    patience: Duration,
    most: usize,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    /// Calls that JavaScript has.
    active: usize,
    shaking: usize,
    /// Calls that have shaken hands and wait for a place.
    waiting: VecDeque<Arc<Entry>>,
    /// The listener is left alone.
    full: bool,
}

/// Where a server's connection is on its way; part of its entry.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Shaking,
    Waiting,
    Call,
    Over,
}

/// The server that accepted a connection, and how far that has come.
pub(crate) struct Accepted {
    acceptor: Arc<Acceptor>,
    stage: Mutex<Stage>,
    /// The handshake took too long, and JavaScript knows.
    expired: AtomicBool,
}

impl Acceptor {
    /// Accepts one call; gives the handshake, which is to be watched.
    pub(crate) fn accept(self: &Arc<Self>, io: &Io) -> Option<HandShake> {
        let (stream, _) = self.listener.lock().as_ref()?.accept().ok()?;
        self.begin(stream, io)
    }

    fn begin(self: &Arc<Self>, stream: std::net::TcpStream, io: &Io) -> Option<HandShake> {
        self.places.lock().shaking += 1;
        self.open(io);
        let accepted =
            Accepted { acceptor: self.clone(), stage: Mutex::default(), expired: AtomicBool::new(false) };
        let begun = Connection::accepted(stream, &self.options).and_then(|connection| {
            let added = io.add(connection, self.mailbox.clone(), self.options.queue, Some(accepted));
            added.map_err(|error| Error::from_io("the call cannot be watched", error))
        });
        let entry = match begun {
            Ok(entry) => entry,
            Err(error) => {
                self.mailbox.push(Notice::CallFailed(self.id, error));
                self.places.lock().shaking -= 1;
                self.open(io);
                return None;
            }
        };
        let (server, call) = (self.clone(), Arc::downgrade(&entry));
        let started =
            entry.connection.event_loop().handshake_with(move |result| match (result, call.upgrade()) {
                (Ok(()), Some(call)) => server.shaken(&call),
                (Ok(()), None) => {}
                (Err(error), call) => server.failed(error, call.as_deref()),
            });
        if let Err(error) = started {
            self.failed(error, Some(&entry));
        }
        io.sent(&entry);
        Some(HandShake { deadline: Instant::now() + self.patience, entry })
    }

    /// A handshake is done: the call takes its place, or waits for one.
    fn shaken(&self, call: &Arc<Entry>) {
        let Some(accepted) = &call.server else { return };
        let mut places = self.places.lock();
        let mut stage = accepted.stage.lock();
        if *stage != Stage::Shaking {
            return;
        }
        places.shaking -= 1;
        *stage = if places.active < self.most { Stage::Call } else { Stage::Waiting };
        if *stage == Stage::Waiting {
            places.waiting.push_back(call.clone());
            return;
        }
        places.active += 1;
        drop((stage, places));
        self.introduce(call);
    }

    fn introduce(&self, call: &Arc<Entry>) {
        self.mailbox.push(Notice::Call(self.id, call.clone()));
        call.introduced();
        if let Ok(io) = Io::get() {
            self.open(io);
        }
    }

    fn failed(&self, error: Error, call: Option<&Entry>) {
        let expired = |call: &Entry| {
            call.server.as_ref().is_some_and(|accepted| accepted.expired.load(Ordering::Acquire))
        };
        let known = call.is_some_and(|call| expired(call) || is_probe(&error, &call.connection));
        if !known {
            self.mailbox.push(Notice::CallFailed(self.id, error));
        }
        if let Some(call) = call {
            call.connection.disconnect();
        }
    }

    /// Listens while there are places.
    fn open(&self, io: &Io) {
        let listener = self.listener.lock();
        let Some(listener) = listener.as_ref() else { return };
        let mut places = self.places.lock();
        let full = places.active >= self.most || !places.waiting.is_empty() || places.shaking >= SHAKING;
        if full != places.full {
            places.full = full;
            io.open_server(self.id, listener, !full);
        }
    }
}

impl Accepted {
    /// The handshake has taken too long.
    pub(crate) fn expire(&self, connection: &Connection) {
        self.expired.store(true, Ordering::Release);
        self.acceptor.mailbox.push(Notice::CallFailed(self.acceptor.id, Error::timeout(Phase::Login)));
        connection.disconnect();
    }

    /// The connection has ended: its place is the next one's.
    pub(crate) fn ended(&self, io: &Io) {
        let server = &self.acceptor;
        let mut places = server.places.lock();
        match std::mem::replace(&mut *self.stage.lock(), Stage::Over) {
            Stage::Shaking => places.shaking -= 1,
            Stage::Call => places.active -= 1,
            Stage::Waiting | Stage::Over => {}
        }
        let mut next = None;
        while places.active < server.most && next.is_none() {
            let Some(call) = places.waiting.pop_front() else { break };
            let Some(accepted) = &call.server else { continue };
            let mut stage = accepted.stage.lock();
            // It may have ended while it waited.
            if *stage == Stage::Waiting {
                *stage = Stage::Call;
                places.active += 1;
                drop(stage);
                next = Some(call);
            }
        }
        drop(places);
        match next {
            Some(call) => server.introduce(&call),
            None => server.open(io),
        }
    }
}

/// A peer that connects and goes without a word: a load balancer that looks whether somebody listens.
fn is_probe(error: &Error, connection: &Connection) -> bool {
    let silent = connection.stats().received == 0 && error.notice().is_none();
    let source = std::error::Error::source(error);
    error.kind() == ErrorKind::Disconnected
        && silent
        && source.is_none_or(<dyn std::error::Error>::is::<std::io::Error>)
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

    /// Calls that are on.
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
        let reactor = Io::get().map_err(failed)?;
        if let Some(handshake) = self.acceptor.begin(socket.into(), reactor) {
            reactor.watch_handshake(handshake);
        }
        Ok(())
    }

    /// Takes no more calls; those that are on stay.
    #[napi]
    pub fn close(&self) {
        if let Ok(reactor) = Io::get() {
            reactor.remove_server(&self.acceptor);
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
    pub most: u32,
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

/// Listens for calls. Resolving a host's name may take a moment: give an address.
#[napi]
pub fn listen(hub: &Hub, at: NativeListen, options: NativeOptions) -> Result<NativeServer> {
    let failed = |error| io("cannot listen", &error);
    let reactor = Io::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
    let options = options.apply(Options::outbound())?;
    let patience = at.handshake.map_or(Ok(PATIENCE), |time| milliseconds("handshake", time))?;
    let listener = at.listener()?;
    if let Some(listener) = &listener {
        listener.set_nonblocking(true).map_err(failed)?;
    }
    let acceptor = reactor.add_server(|id| Acceptor {
        id,
        listener: Mutex::new(listener),
        mailbox: hub.mailbox.clone(),
        options,
        patience,
        most: at.most.max(1) as usize,
        places: Mutex::default(),
    });
    Ok(NativeServer { acceptor: acceptor.map_err(failed)? })
}

/// A descriptor that the program gives away, which must be a listening socket.
fn listening(descriptor: RawFd) -> Result<TcpListener> {
    // Asked before anything becomes its owner: what is no such socket stays the program's.
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
    // SAFETY: it is open, and the program's word (`listen({fd})`) is that nothing else owns it from now on.
    Ok(TcpListener::from(unsafe { OwnedFd::from_raw_fd(descriptor) }))
}

fn duplicate(descriptor: RawFd) -> std::io::Result<OwnedFd> {
    if descriptor < 0 {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: JavaScript's socket, which stays open over this call.
    unsafe { BorrowedFd::borrow_raw(descriptor) }.as_fd().try_clone_to_owned()
}

/// Handshakes at once.
const SHAKING: usize = 256;
/// How long one may take. FreeSWITCH replies at once.
const PATIENCE: Duration = Duration::from_secs(5);
