//! JavaScript's end of its thread's mailbox: notices become values. `node/lib/dispatch.js` reads them.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Array, Function, Object, ObjectFinalize};
use napi_derive::napi;

use crate::batch::Batch;
use crate::call;
use crate::calls;
use crate::conference;
use crate::connection::NativeConnection;
use crate::entry::{Mailbox, Notice};
use crate::error_object;
use crate::fleet;
use crate::managed::NativeLease;
use crate::memory;
use crate::poller::Poller;
use crate::replies::Replies;
use crate::reply::{NativeExecuted, NativeReply};
use crate::text::Text;
use crate::wake::Wake;

/// One per JavaScript thread.
#[napi(custom_finalize)]
pub struct Hub {
    pub(crate) mailbox: Arc<Mailbox>,
}

#[napi]
impl Hub {
    /// `wake` is called on this thread when there is something to [`take`](Self::take). It keeps no process
    /// alive. `resource` is what tools that look for open handles see: its `hasRef()` says so.
    #[napi(constructor)]
    pub fn new(env: &Env, wake: Function<'_, (), ()>, resource: Object<'_>) -> napi::Result<Self> {
        let wake = Wake::new(env, &wake, &resource)?;
        Ok(Self { mailbox: Arc::new(Mailbox::new(wake)) })
    }

    /// All notices so far, three places each: a `NOTICE_` number, the number of what it is about, a value. Of
    /// `NOTICE_TEXTS` two strings: per request its number (two characters, the lower part first) and the length of its
    /// text, and the texts.
    #[napi(ts_return_type = "unknown[]")]
    pub fn take<'env>(&self, env: &'env Env) -> napi::Result<Array<'env>> {
        let mut array = env.create_array(0)?;
        let mut replies = Replies::default();
        for notice in self.mailbox.take() {
            let notice = match notice {
                Notice::Text(id, reply) => match replies.add(id, reply) {
                    Some(reply) => Notice::Text(id, reply),
                    None if replies.is_full() => {
                        replies.flush(&mut array)?;
                        continue;
                    }
                    None => continue,
                },
                other => other,
            };
            // In the order in which they came.
            replies.flush(&mut array)?;
            insert(env, &mut array, notice)?;
        }
        replies.flush(&mut array)?;
        Ok(array)
    }
}

impl ObjectFinalize for Hub {
    fn finalize(self, _: Env) -> napi::Result<()> {
        self.mailbox.close();
        Poller::abandon(&self.mailbox);
        Ok(())
    }
}

fn insert(env: &Env, array: &mut Array<'_>, notice: Notice) -> napi::Result<()> {
    let mut head = |what: u32, whose: u32| {
        array.insert(what)?;
        array.insert(whose)
    };
    match notice {
        Notice::Calm => {
            memory::nudge_gc(env);
            Ok(())
        }
        Notice::Ready(id) => {
            head(NOTICE_READY, id)?;
            array.insert(())
        }
        Notice::Status(id) => {
            head(NOTICE_STATUS, id)?;
            array.insert(())
        }
        Notice::Text(id, reply) => {
            head(NOTICE_DONE, id)?;
            array.insert(Text(reply.text_bytes()))
        }
        Notice::Reply(id, reply) => {
            head(NOTICE_DONE, id)?;
            array.insert(NativeReply::from(reply))
        }
        Notice::Event(id, event) => {
            head(NOTICE_DONE, id)?;
            array.insert(Batch::of(event))
        }
        Notice::Executed(id, executed) => {
            head(NOTICE_DONE, id)?;
            array.insert(NativeExecuted::from(executed))
        }
        Notice::Outcome(id, outcome) => {
            head(NOTICE_DONE, id)?;
            array.insert(call::outcome(env, &outcome)?)
        }
        Notice::Digits(id, digits) => {
            head(NOTICE_DONE, id)?;
            array.insert(call::digits(env, digits)?)
        }
        Notice::Dtmf(watch, dtmf) => {
            head(NOTICE_WATCHED, watch)?;
            array.insert(call::dtmf(env, dtmf)?)
        }
        Notice::Change(watch, Ok(change)) => {
            head(NOTICE_WATCHED, watch)?;
            array.insert(calls::change(env, &change)?)
        }
        Notice::ConferenceEvent(watch, Ok(event)) => {
            head(NOTICE_WATCHED, watch)?;
            array.insert(conference::event(env, event)?)
        }
        Notice::Change(watch, Err(error)) | Notice::ConferenceEvent(watch, Err(error)) => {
            head(NOTICE_WATCH_FAILED, watch)?;
            array.insert(error_object::object(env, &error)?)
        }
        Notice::Conference(id, info) => {
            head(NOTICE_DONE, id)?;
            array.insert(info.map(|info| conference::info(env, &info)).transpose()?)
        }
        Notice::Lease(id, lease) => {
            head(NOTICE_DONE, id)?;
            array.insert(NativeLease::new(lease))
        }
        Notice::ServerReply(id, server, reply) => {
            head(NOTICE_DONE, id)?;
            array.insert(fleet::server_reply(env, &server, reply)?)
        }
        Notice::ServerResults(id, results) => {
            head(NOTICE_DONE, id)?;
            array.insert(fleet::server_results(env, results)?)
        }
        Notice::Value(id, value) => {
            head(NOTICE_DONE, id)?;
            array.insert(value)
        }
        Notice::Connected(id, entry) => {
            head(NOTICE_DONE, id)?;
            array.insert(NativeConnection::new(entry))
        }
        Notice::Call(id, entry) => {
            head(NOTICE_CALL, id)?;
            array.insert(NativeConnection::new(entry))
        }
        Notice::Closed(id, error) => {
            head(NOTICE_CLOSED, id)?;
            array.insert(error_object::object(env, &error)?)
        }
        Notice::Failed(id, error) => {
            head(NOTICE_FAILED, id)?;
            array.insert(error_object::object(env, &error)?)
        }
        Notice::CallFailed(id, error) => {
            head(NOTICE_CALL_FAILED, id)?;
            array.insert(error_object::object(env, &error)?)
        }
    }
}

/// A connection has messages to be taken.
#[napi]
pub const NOTICE_READY: u32 = 0;
/// A request has succeeded, with that value.
#[napi]
pub const NOTICE_DONE: u32 = 1;
/// A request has failed, with that error.
#[napi]
pub const NOTICE_FAILED: u32 = 2;
/// A connection has ended, for that reason.
#[napi]
pub const NOTICE_CLOSED: u32 = 3;
/// A server has a new call.
#[napi]
pub const NOTICE_CALL: u32 = 4;
/// A server's call has failed before it began, with that error.
#[napi]
pub const NOTICE_CALL_FAILED: u32 = 5;
/// Something has happened (a digit, a change …), for the watch of that number.
#[napi]
pub const NOTICE_WATCHED: u32 = 6;
/// A watch gets that error in its place.
#[napi]
pub const NOTICE_WATCH_FAILED: u32 = 7;
/// The state of a supervised connection has changed.
#[napi]
pub const NOTICE_STATUS: u32 = 8;
/// Requests have succeeded, each with a text.
#[napi]
pub const NOTICE_TEXTS: u32 = 9;
