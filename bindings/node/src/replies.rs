//! Replies that came together, as two strings: of a hundred commands in flight each would take four calls into Node, which
//! cost more than their text. `node/lib/dispatch.js` cuts them out.

use napi::bindgen_prelude::Array;
use switchwire::Reply;

use crate::hub::{NOTICE_DONE, NOTICE_TEXTS};
use crate::prefetch::Column;

/// Short texts of replies, in order.
#[derive(Default)]
pub(crate) struct Replies {
    /// Per reply the request's number (two characters, the lower part first) and the text's length.
    spans: Vec<u16>,
    text: Vec<u8>,
}

impl Replies {
    /// Adds the reply to a request; gives it back if it has to come by itself.
    pub(crate) fn add(&mut self, request: u32, reply: Reply) -> Option<Reply> {
        let text = reply.text_bytes();
        // A one-byte string holds ASCII only; and what a program keeps of a text holds all of it.
        if text.len() > MAX_VALUE || !text.is_ascii() {
            drop(text);
            return Some(reply);
        }
        let [high, mid, low, lowest] = request.to_be_bytes();
        let length = u16::try_from(text.len()).unwrap_or_default();
        self.spans.extend([u16::from_be_bytes([low, lowest]), u16::from_be_bytes([high, mid]), length]);
        self.text.extend_from_slice(&text);
        None
    }

    pub(crate) fn is_full(&self) -> bool {
        self.text.len() + MAX_VALUE > MAX_TEXT
    }

    /// Adds them to the notices, and begins anew.
    pub(crate) fn flush(&mut self, array: &mut Array<'_>) -> napi::Result<()> {
        let Self { spans, text } = std::mem::take(self);
        match spans[..] {
            [] => Ok(()),
            [low, high, _] => {
                array.insert(NOTICE_DONE)?;
                array.insert(u32::from(low) | u32::from(high) << 16)?;
                array.insert(Column::Text(text))
            }
            _ => {
                array.insert(NOTICE_TEXTS)?;
                array.insert(Column::Spans(spans))?;
                array.insert(Column::Text(text))
            }
        }
    }
}

/// Longer ones come by themselves.
const MAX_VALUE: usize = 64;
const MAX_TEXT: usize = 2048;
