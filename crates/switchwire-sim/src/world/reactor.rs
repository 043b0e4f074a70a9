//! The loop: sockets, timers, requests.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};

use super::{Control, Mode, Timer, Timers, World, clock};
use crate::api::new_uuid;
use crate::api::stores::Stores;
use crate::channel::{Channels, Efforts};
use crate::config::{Config, Time};
use crate::conn::{Conn, ConnId, Phase};
use crate::custom::Replies;
use crate::faults::End;
use crate::journal::Journal;
use crate::load::Calling;
use crate::scenario::Script;
use crate::shared::Shared;
use crate::wire::frame;

impl World {
    pub(crate) fn new(
        config: Config,
        shared: Arc<Shared>,
        journal: Option<Journal>,
    ) -> io::Result<(Self, Poll, Arc<Waker>, SocketAddr)> {
        let addr = config.bind.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let mut listener = TcpListener::bind(addr)?;
        let addr = listener.local_addr()?;
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(&registry, WAKER)?);
        let core_uuid = new_uuid();
        let mut globals = crate::api::default_globals();
        globals.extend([
            ("hostname".into(), config.hostname.clone()),
            ("switchname".into(), config.switchname.clone()),
            ("domain".into(), config.domain.clone()),
            ("domain_name".into(), config.domain.clone()),
            ("local_ip_v6".into(), config.ipv6.clone()),
            ("core_uuid".into(), core_uuid.clone()),
        ]);
        let world = Self {
            config,
            core_uuid,
            started: clock::now(),
            sequence: 0,
            conns: BTreeMap::new(),
            channels: Channels::default(),
            efforts: Efforts::default(),
            timers: Timers::default(),
            socket_timers: Timers::default(),
            work: VecDeque::new(),
            dirty: Vec::new(),
            backlog: Vec::new(),
            globals,
            aliases: BTreeMap::new(),
            stores: Stores::default(),
            subclasses: BTreeSet::new(),
            mode: Mode::Running,
            shared,
            registry,
            listener: Some(listener),
            next_conn: FIRST_CONN,
            addr,
            journal,
            script: Script::default(),
            replies: Replies::new(Arc::clone(&waker)),
            asked: HashMap::new(),
            calling: Calling::default(),
        };
        Ok((world, poll, waker, addr))
    }

    pub(crate) fn run(mut self, mut poll: Poll, inbox: &mpsc::Receiver<Control>) {
        if self.config.time != Time::Machine {
            clock::stop();
        }
        self.started = clock::now();
        let script = std::mem::take(&mut self.config.script);
        self.start_script(script);
        self.start_load();
        if let Some(every) = self.config.heartbeat {
            self.timers.after(every, Timer::Heartbeat);
        }
        let mut ready = Events::with_capacity(1024);
        let mut more = false;
        while !self.is_over() {
            // (What asked for more than one round has woken the poller once.)
            let wait = if more { Some(Duration::ZERO) } else { self.longest_wait() };
            if let Err(error) = poll.poll(&mut ready, wait) {
                if error.kind() != io::ErrorKind::Interrupted {
                    return; // The poller is gone: so is the simulator; dropping `self` closes every socket.
                }
                continue;
            }
            let quiet = ready.is_empty() && self.backlog.is_empty() && !more;
            self.dirty.append(&mut self.backlog);
            for event in &ready {
                match event.token() {
                    LISTENER => self.accept(),
                    WAKER => {}
                    Token(id) => {
                        self.socket_ready(id, event.is_readable() || event.is_error(), event.is_writable());
                    }
                }
            }
            // Limited: a busy sender must not starve the sockets.
            more = true;
            for _ in 0..CONTROL_ROUND {
                match inbox.try_recv() {
                    Ok(control) => self.control(control),
                    Err(mpsc::TryRecvError::Empty) => {
                        more = false;
                        break;
                    }
                    Err(mpsc::TryRecvError::Disconnected) => self.mode = Mode::Stopped,
                }
            }
            while let Some(timer) = self.socket_timers.due(Instant::now()) {
                self.timer(timer);
            }
            if quiet && self.skips() {
                self.timers.next().into_iter().for_each(clock::move_to);
            }
            self.run_due();
            self.settle();
        }
    }

    /// How long to wait for a socket or a request.
    fn longest_wait(&self) -> Option<Duration> {
        if !self.backlog.is_empty() {
            return Some(Duration::ZERO);
        }
        let sockets = self.socket_timers.wait(Instant::now());
        let world = match self.config.time {
            Time::Machine => self.timers.wait(clock::now()),
            Time::Manual => None,
            Time::Skipping => self.skips().then_some(QUIET),
        };
        sockets.into_iter().chain(world).min()
    }

    /// Whether time jumps to the next timer once all is quiet: not for the sake of the timers that watch over idle connections.
    fn skips(&self) -> bool {
        self.config.time == Time::Skipping && self.channels.len() > 0 && self.timers.next().is_some()
    }

    fn run_due(&mut self) {
        while let Some(timer) = self.timers.due(clock::now()) {
            self.timer(timer);
        }
    }

    /// Lets that much time pass at once, one timer after the other; `false` if the clock is the machine's.
    pub(super) fn advance_clock(&mut self, time: Duration) -> bool {
        if !clock::is_virtual() {
            return false;
        }
        let Some(end) = clock::now().checked_add(time) else { return false };
        self.settle();
        while let Some(next) = self.timers.next().filter(|next| *next <= end) {
            clock::move_to(next);
            self.run_due();
            self.settle();
        }
        clock::move_to(end);
        true
    }

    /// Shows the counts to the handle; before anything is written, so that a client that has seen an event finds the counts up to date.
    pub(super) fn publish(&self) {
        let open = self.conns.values().filter(|conn| conn.phase != Phase::Closing).count();
        self.shared.connections.store(open, Ordering::Release);
        self.shared.channels.store(self.channels.len(), Ordering::Release);
    }

    fn is_over(&self) -> bool {
        match self.mode {
            Mode::Running => false,
            Mode::Ending(until) => self.conns.is_empty() || Instant::now() >= until,
            Mode::Stopped => true,
        }
    }

    fn accept(&mut self) {
        while let Some(Ok((stream, _))) = self.listener.as_ref().map(TcpListener::accept) {
            let Some(id) = self.adopt(stream, Phase::Login) else { continue };
            if self.conns.get(&id).is_some_and(|conn| conn.faults.refuse) {
                self.end_connection(id, End::Reset);
                continue;
            }
            if self.mode != Mode::Running {
                self.end_connection(id, End::Close);
                continue;
            }
            let Some(conn) = self.conns.get_mut(&id) else { continue };
            if self.config.acl_reject {
                conn.out.push(frame::rude_rejection());
                self.close_with(id, frame::GOODBYE);
            } else {
                conn.out.push(frame::auth_request());
            }
        }
    }

    /// Registers a socket as a connection.
    pub(crate) fn adopt(&mut self, mut stream: TcpStream, phase: Phase) -> Option<ConnId> {
        let id = self.next_conn;
        self.registry.register(&mut stream, Token(id), Interest::READABLE | Interest::WRITABLE).ok()?;
        let _ = stream.set_nodelay(true); // Not every socket family has it; nothing depends on it.
        self.next_conn += 1;
        let number = id - FIRST_CONN + 1;
        let faults = self.config.faults_of.get(&number).unwrap_or(&self.config.faults).clone();
        self.conns.insert(id, Conn { number, ..Conn::new(id, stream, phase, faults) });
        self.timers.after(self.config.auth_timeout, Timer::AuthTimeout(id));
        self.dirty.push(id);
        Some(id)
    }

    fn socket_ready(&mut self, id: ConnId, readable: bool, writable: bool) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.readable |= readable;
        self.dirty.push(id);
        if writable && conn.phase == Phase::Connecting {
            self.connected(id);
        }
    }

    /// Stops to listen, so that the machine refuses connections, or listens again.
    pub(super) fn refuse(&mut self, refuse: bool) {
        if refuse {
            if let Some(mut listener) = self.listener.take() {
                let _ = self.registry.deregister(&mut listener);
            }
        } else if self.listener.is_none()
            && let Ok(mut listener) = TcpListener::bind(self.addr)
            && self.registry.register(&mut listener, LISTENER, Interest::READABLE).is_ok()
        {
            self.listener = Some(listener);
        }
    }

    /// Takes a connection out of the world; its socket closes.
    pub(crate) fn remove(&mut self, id: ConnId) {
        if let Some(mut conn) = self.conns.remove(&id) {
            let _ = self.registry.deregister(&mut conn.stream);
        }
    }

    /// Input is left: look again in the next round.
    pub(super) fn look_again(&mut self, id: ConnId) {
        self.backlog.push(id);
    }
}

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
const FIRST_CONN: ConnId = 2;
/// How long nothing must happen before a skipping clock jumps: a client on this machine has reacted by then.
const QUIET: Duration = Duration::from_millis(5);
/// Requests taken between two looks at the sockets.
const CONTROL_ROUND: usize = 4096;
