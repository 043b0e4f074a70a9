//! The server's reply to a command, as JavaScript sees it.

use napi_derive::napi;
use switchwire::{Executed, Reply};

use crate::batch::Batch;

/// See `Reply` in `index.d.ts`.
#[napi(object, object_from_js = false)]
pub struct NativeReply {
    pub ok: bool,
    pub text: String,
    pub batch: Batch,
}

/// The reply to an application, and the event of its end.
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

impl From<Executed> for NativeExecuted {
    fn from(executed: Executed) -> Self {
        Self { reply: executed.reply.into(), complete: executed.complete.map(Batch::of) }
    }
}
