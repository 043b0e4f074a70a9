//! The mailbox of one JavaScript thread: everything that is told to it goes through here, and however much there is,
//! one cross-thread call says so.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Array, Function, Object, ObjectFinalize};
use napi_derive::napi;
use parking_lot::Mutex;
use switchwire::{Error, Event, Executed, Reply};

use crate::batch::Batch;
use crate::connection::NativeConnection;
use crate::error;
use crate::io::{Entry, Io};
use crate::memory;
use crate::text::Text;
use crate::wake::Wake;

/// What JavaScript is told. In the array that [`Hub::take`] gives each takes three places: what, whose, and a value.
pub(crate) enum Notice {
    /// Messages of that connection can be taken.
    Ready(u32),
    /// That connection is over.
    Closed(u32, Error),
    /// The answer to a request, wanted as text.
    Text(u32, Reply),
    /// The answer to a request.
    Reply(u32, Reply),
    /// The event that a request waited for.
    Event(u32, Event),
    Executed(u32, Executed),
    /// What a request asked for, a text or nothing.
    Value(u32, Option<String>),
    Connected(u32, Arc<Entry>),
    /// A request failed.
    Failed(u32, Error),
    /// A call has come to that server and has shaken hands.
    Call(u32, Arc<Entry>),
    /// A call of that server failed before it began.
    CallFailed(u32, Error),
    /// A flood is over. Nothing for JavaScript itself.
    Calm,
}

pub(crate) struct Mailbox {
    inner: Mutex<Inner>,
    wake: Wake,
}

#[derive(Default)]
struct Inner {
    notices: Vec<Notice>,
    /// JavaScript knows that there is something.
    told: bool,
    /// JavaScript is gone.
    closed: bool,
}

impl Mailbox {
    pub(crate) fn push(&self, notice: Notice) {
        let mut inner = self.inner.lock();
        if inner.closed {
            return;
        }
        inner.notices.push(notice);
        if !std::mem::replace(&mut inner.told, true) {
            drop(inner);
            self.wake.call();
        }
    }
}

impl Mailbox {
    /// Runs something on the JavaScript thread whose notices need no call; says whether there are any to be taken.
    pub(crate) fn while_hushed(&self, run: impl FnOnce()) -> bool {
        self.inner.lock().told = true;
        run();
        let mut inner = self.inner.lock();
        let any = !inner.notices.is_empty();
        inner.told = any;
        any
    }
}

/// JavaScript's end of its mailbox: one for each JavaScript thread.
#[napi(custom_finalize)]
pub struct Hub {
    pub(crate) mailbox: Arc<Mailbox>,
}

#[napi]
impl Hub {
    /// `wake` is called, on the JavaScript thread, when there is something to [`take`](Self::take). It keeps no process
    /// alive. `resource` is what tools that look for open handles see: its `hasRef()` says so.
    #[napi(constructor)]
    pub fn new(env: &Env, wake: Function<'_, (), ()>, resource: Object<'_>) -> napi::Result<Self> {
        let wake = Wake::new(env, &wake, &resource)?;
        Ok(Self { mailbox: Arc::new(Mailbox { inner: Mutex::default(), wake }) })
    }

    /// All that has come: what, whose, value, what, whose, value …
    #[napi(ts_return_type = "unknown[]")]
    pub fn take<'env>(&self, env: &'env Env) -> napi::Result<Array<'env>> {
        let notices = {
            let mut inner = self.mailbox.inner.lock();
            inner.told = false;
            std::mem::take(&mut inner.notices)
        };
        let mut array = env.create_array(0)?;
        for notice in notices {
            put(env, &mut array, notice)?;
        }
        Ok(array)
    }
}

impl ObjectFinalize for Hub {
    fn finalize(self, _: Env) -> napi::Result<()> {
        {
            let mut inner = self.mailbox.inner.lock();
            inner.closed = true;
            inner.notices.clear();
        }
        Io::abandon(&self.mailbox);
        Ok(())
    }
}

fn put(env: &Env, array: &mut Array<'_>, notice: Notice) -> napi::Result<()> {
    let mut head = |what: u32, whose: u32| {
        array.insert(what)?;
        array.insert(whose)
    };
    match notice {
        Notice::Calm => {
            memory::press(env);
            Ok(())
        }
        Notice::Ready(id) => {
            head(READY, id)?;
            array.insert(())
        }
        Notice::Text(id, reply) => {
            head(DONE, id)?;
            array.insert(Text(reply.text_bytes()))
        }
        Notice::Reply(id, reply) => {
            head(REPLY, id)?;
            array.insert(NativeReply::from(reply))
        }
        Notice::Event(id, event) => {
            head(DONE, id)?;
            array.insert(Batch::of(event))
        }
        Notice::Executed(id, executed) => {
            head(EXECUTED, id)?;
            let complete = executed.complete.map(Batch::of);
            array.insert(NativeExecuted { reply: NativeReply::from(executed.reply), complete })
        }
        Notice::Value(id, value) => {
            head(DONE, id)?;
            array.insert(value)
        }
        Notice::Connected(id, entry) => {
            head(DONE, id)?;
            array.insert(NativeConnection::new(entry))
        }
        Notice::Call(id, entry) => {
            head(CALL, id)?;
            array.insert(NativeConnection::new(entry))
        }
        Notice::Closed(id, error) => {
            head(CLOSED, id)?;
            array.insert(error::object(env, &error)?)
        }
        Notice::Failed(id, error) => {
            head(FAILED, id)?;
            array.insert(error::object(env, &error)?)
        }
        Notice::CallFailed(id, error) => {
            head(CALL_FAILED, id)?;
            array.insert(error::object(env, &error)?)
        }
    }
}

/// See `Reply` in `index.d.ts`.
#[napi(object, object_from_js = false)]
pub struct NativeReply {
    pub ok: bool,
    pub text: String,
    pub batch: Batch,
}

/// The answer to an application, and its end.
#[napi(object, object_from_js = false)]
pub struct NativeExecuted {
    pub reply: NativeReply,
    pub complete: Option<Batch>,
}

impl From<Reply> for NativeReply {
    fn from(reply: Reply) -> Self {
        Self { ok: reply.is_ok(), text: reply.text().into_owned(), batch: Batch::outer(reply.into_message()) }
    }
}

const READY: u32 = 0;
const DONE: u32 = 1;
const REPLY: u32 = 2;
const EXECUTED: u32 = 3;
const FAILED: u32 = 4;
const CLOSED: u32 = 5;
const CALL: u32 = 6;
const CALL_FAILED: u32 = 7;
