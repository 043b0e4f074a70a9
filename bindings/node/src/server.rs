//! Outbound mode: the I/O thread accepts calls and shakes hands with them, then they are JavaScript's.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use napi_derive::napi;
use switchwire::{Connection, Options};

use crate::error::{Result, io};
use crate::hub::{Hub, Mailbox, Notice};
use crate::io::{HandShake, Io};
use crate::options::NativeOptions;

/// A listening socket and the bound on its calls.
pub(crate) struct Acceptor {
    pub(crate) id: u32,
    pub(crate) listener: TcpListener,
    pub(crate) mailbox: Arc<Mailbox>,
    options: Options,
    most: usize,
    active: AtomicUsize,
}

impl Acceptor {
    /// Accepts one call; gives what is to be watched for the end of its patience.
    pub(crate) fn accept(self: &Arc<Self>, io: &Io) -> Option<HandShake> {
        let (stream, _) = self.listener.accept().ok()?;
        if self.active.fetch_add(1, Ordering::AcqRel) + 1 >= self.most {
            io.open_server(self, false);
        }
        let begun = Connection::accepted(stream, &self.options).and_then(|connection| {
            let added = io.add(connection, self.mailbox.clone(), self.options.queue, Some(self.clone()));
            added.map_err(|error| switchwire::Error::from_io("the call cannot be watched", error))
        });
        let entry = match begun {
            Ok(entry) => entry,
            Err(error) => {
                self.mailbox.push(Notice::CallFailed(self.id, error));
                self.ended(io);
                return None;
            }
        };
        let (mailbox, id, call) = (self.mailbox.clone(), self.id, Arc::downgrade(&entry));
        let started = entry.connection.shake_hands_with(move |result| match (result, call.upgrade()) {
            (Ok(()), Some(call)) => {
                mailbox.push(Notice::Call(id, call.clone()));
                call.introduced();
            }
            (Ok(()), None) => {}
            (Err(error), call) => {
                mailbox.push(Notice::CallFailed(id, error));
                if let Some(call) = call {
                    call.connection.disconnect();
                }
            }
        });
        if let Err(error) = started {
            self.mailbox.push(Notice::CallFailed(self.id, error));
            entry.connection.disconnect();
        }
        io.sent(&entry);
        let deadline = Instant::now() + self.options.login_timeout;
        Some(HandShake { deadline, entry })
    }

    /// A call has ended: its place is free.
    pub(crate) fn ended(&self, io: &Io) {
        if self.active.fetch_sub(1, Ordering::AcqRel) >= self.most {
            io.open_server(self, true);
        }
    }
}

/// A listening server, as JavaScript sees it.
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

    /// Calls that are on, those that are still shaking hands included.
    #[napi(getter)]
    pub fn active(&self) -> u32 {
        u32::try_from(self.acceptor.active.load(Ordering::Acquire)).unwrap_or(u32::MAX)
    }

    /// The address it listens on: `host:port`.
    #[napi(getter)]
    pub fn address(&self) -> Result<String> {
        let address = self.acceptor.listener.local_addr();
        address.map(|address| address.to_string()).map_err(|error| io("the address is not known", &error))
    }

    #[napi(getter)]
    pub fn port(&self) -> Result<u16> {
        let address = self.acceptor.listener.local_addr();
        address.map(|address| address.port()).map_err(|error| io("the port is not known", &error))
    }

    /// Takes no more calls; those that are on stay.
    #[napi]
    pub fn close(&self) {
        if let Ok(reactor) = Io::get() {
            reactor.remove_server(&self.acceptor);
        }
    }
}

/// Listens for calls. Resolving a host's name may take a moment: give an address.
#[napi]
pub fn listen(hub: &Hub, host: String, port: u16, most: u32, options: NativeOptions) -> Result<NativeServer> {
    let reactor = Io::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
    let options = options.apply(Options::outbound())?;
    let failed = |error| io(&format!("cannot listen on {host} port {port}"), &error);
    let listener = TcpListener::bind((host.as_str(), port)).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let acceptor = reactor.add_server(|id| Acceptor {
        id,
        listener,
        mailbox: hub.mailbox.clone(),
        options,
        most: most.max(1) as usize,
        active: AtomicUsize::new(0),
    });
    Ok(NativeServer { acceptor: acceptor.map_err(failed)? })
}
