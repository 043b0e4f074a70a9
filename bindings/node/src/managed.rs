//! A supervised connection as JavaScript sees it. Its thread reads and announces; JavaScript takes items, and sends
//! commands on the present connection, which is a `NativeConnection` as any other.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Array, Object};
use napi_derive::napi;
use parking_lot::Mutex;
use switchwire::{Connection, Lease, ManagedConnection, Tries};

use crate::batch::Batch;
use crate::command::NativeSubscription;
use crate::connect;
use crate::connection::{NativeConnection, NativeStats};
use crate::entry::{Entry, Mailbox, Notice, completion};
use crate::error::{Result, io, thrown};
use crate::error_object;
use crate::hub::Hub;
use crate::managed_options::NativeManagedOptions;
use crate::plain::{put, put_length, put_time};
use crate::poller::Poller;
use crate::readers::length;
use crate::stream::{self, Parts};

#[napi]
pub struct NativeManaged {
    id: u32,
    connection: Option<ManagedConnection>,
    present: Present,
    mailbox: Arc<Mailbox>,
}

/// The connection that JavaScript had last, so that it has one object for each.
type Present = Arc<Mutex<Option<Arc<Entry>>>>;

#[napi]
impl NativeManaged {
    /// Starts to connect, and returns at once.
    #[napi(factory)]
    pub fn start(hub: &Hub, options: NativeManagedOptions) -> Result<Self> {
        let connection = options.builder()?.start().map_err(|error| thrown(&error))?;
        let managed = Self::of(connection, &hub.mailbox)?;
        let (id, mailbox) = (managed.id, hub.mailbox.clone());
        managed.core().on_ready(move || mailbox.push(Notice::Ready(id)));
        Ok(managed)
    }

    #[napi(getter)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Up to `max` items that have come, as parts (see `stream.rs`). None: there is a notice of the next.
    #[napi(ts_return_type = "unknown[]")]
    pub fn take<'env>(&self, env: &'env Env, max: u32) -> napi::Result<Array<'env>> {
        let mut parts = Parts::new(env)?;
        for item in self.core().take(max as usize) {
            parts.item(None, item)?;
        }
        parts.finish()
    }

    /// The present connection.
    #[napi]
    pub fn connection(&self) -> Result<NativeConnection> {
        let present = self.core().connection().map_err(|error| thrown(&error))?;
        entry(&self.present, present, &self.mailbox).map(NativeConnection::new)
    }

    /// Completed with the present connection, or the next one.
    #[napi]
    pub fn up(&self, request: u32) {
        let (present, mailbox) = (self.present.clone(), self.mailbox.clone());
        self.core().on_up(move |up| {
            let up = up.and_then(|up| {
                entry(&present, up, &mailbox).map_err(|error| {
                    switchwire::Error::from_io(
                        "no thread for input",
                        std::io::Error::other(error.to_string()),
                    )
                })
            });
            mailbox.push(completion(request, up, Notice::Connected));
        });
    }

    /// Begins the tries of one command.
    #[napi]
    pub fn tries(&self) -> NativeTries {
        NativeTries(self.core().tries())
    }

    /// Completed with a share in the subscription.
    #[napi]
    pub fn subscribe(&self, request: u32, subscription: NativeSubscription) -> Result<()> {
        let mailbox = self.mailbox.clone();
        let done = move |lease| mailbox.push(completion(request, lease, Notice::Lease));
        self.core().subscribe_with(&subscription.build()?, done).map_err(|error| thrown(&error))
    }

    #[napi(ts_return_type = "object")]
    pub fn status<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let status = self.core().status();
        let mut object = Object::new(env)?;
        object.set("state", status.state.name())?;
        put_time(&mut object, "since", Some(status.since))?;
        let last = status.last_error.as_ref().map(|error| error_object::object(env, error)).transpose()?;
        put(&mut object, "lastError", last)?;
        object.set("failures", status.failures)?;
        let server = status.server.as_ref().map(|server| stream::info(env, server)).transpose()?;
        put(&mut object, "server", server)?;
        put_length(&mut object, "roundTrip", status.round_trip)?;
        #[allow(clippy::cast_precision_loss, reason = "no counter comes near 2^53")]
        {
            object.set("outages", status.outages as f64)?;
            object.set("attempts", status.attempts as f64)?;
        }
        Ok(object)
    }

    #[napi]
    pub fn stats(&self) -> NativeStats {
        self.core().stats().into()
    }

    /// The last HEARTBEAT.
    #[napi]
    pub fn heartbeat(&self) -> Option<Batch> {
        self.core().heartbeat().map(Batch::of)
    }

    #[napi(getter)]
    pub fn heartbeat_age(&self) -> Option<f64> {
        self.core().heartbeat_age().map(length)
    }

    #[napi]
    pub fn reconnect(&self) {
        self.core().reconnect();
    }

    /// Ends it; completed when its thread has ended.
    #[napi]
    pub fn close(&self, request: u32) -> Result<()> {
        let (connection, mailbox) = (self.core().clone(), self.mailbox.clone());
        // It joins a thread, which may be resolving a name.
        let close = move || {
            connection.close();
            mailbox.push(Notice::Value(request, None));
        };
        connect::run(Box::new(close)).map_err(|error| io("a thread cannot be started", &error))
    }
}

impl NativeManaged {
    /// For a connection whose stream something else takes.
    pub(crate) fn of(connection: ManagedConnection, mailbox: &Arc<Mailbox>) -> Result<Self> {
        let poller = Poller::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
        let id = poller.next_id();
        let told = mailbox.clone();
        connection.on_status(move || told.push(Notice::Status(id)));
        Ok(Self { id, connection: Some(connection), present: Present::default(), mailbox: mailbox.clone() })
    }

    fn core(&self) -> &ManagedConnection {
        self.connection.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for NativeManaged {
    /// The last handle joins the thread: not here.
    fn drop(&mut self) {
        let connection = self.connection.take();
        let _ = connect::run(Box::new(move || drop(connection)));
    }
}

fn entry(present: &Present, connection: Connection, mailbox: &Arc<Mailbox>) -> Result<Arc<Entry>> {
    let mut present = present.lock();
    if let Some(entry) = &*present
        && entry.connection.is_same(&connection)
    {
        return Ok(entry.clone());
    }
    let poller = Poller::get().map_err(|error| io("the I/O thread cannot be started", &error))?;
    let entry = Arc::new(Entry::supervised(poller.next_id(), connection, mailbox.clone()));
    *present = Some(entry.clone());
    Ok(entry)
}

/// How long one command waits for a connection, and whether it goes again on the next one.
#[napi]
pub struct NativeTries(Tries);

#[napi]
impl NativeTries {
    /// For how many milliseconds the next try may wait for a connection; null: not at all.
    #[napi(getter)]
    pub fn patience(&self) -> Option<f64> {
        self.0.patience().map(length)
    }

    /// Whether a command that failed goes again: whether its error says that it was not sent, and whether its connection is
    /// still open.
    #[napi]
    pub fn goes_again(&self, unsent: bool, is_open: bool) -> bool {
        self.0.goes_again_if(unsent, is_open)
    }
}

/// A share in the subscription of a supervised connection. It lasts until it is released, also when JavaScript loses it.
#[napi]
pub struct NativeLease(Option<Lease>);

impl NativeLease {
    pub(crate) fn new(lease: Lease) -> Self {
        Self(Some(lease))
    }
}

#[napi]
impl NativeLease {
    #[napi]
    pub fn release(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for NativeLease {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Lease::keep);
    }
}
