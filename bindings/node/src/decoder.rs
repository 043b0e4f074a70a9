//! The decoder alone, for modesl's layer, whose socket is Node's.

use napi::Env;
use napi::bindgen_prelude::BufferSlice;
use napi_derive::napi;
use switchwire::Limits;
use switchwire::proto::Decoder;

use crate::batch::Batch;
use crate::error::{Result, thrown};

/// Bytes in, messages out.
#[napi]
#[derive(Default)]
pub struct NativeDecoder {
    decoder: Decoder,
}

#[napi]
impl NativeDecoder {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { decoder: Decoder::new(Limits::default()) }
    }

    /// Takes received bytes.
    #[napi]
    pub fn feed(&mut self, bytes: BufferSlice<'_>) {
        self.decoder.feed(&bytes);
    }

    /// The messages that are complete, null when there are none. Throws on bytes that are not the protocol, and at
    /// every call from then on.
    #[napi]
    pub fn take(&mut self, env: &Env) -> Result<Option<Batch>> {
        let mut messages = Vec::new();
        loop {
            match self.decoder.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                // What came before it is good.
                Err(_) if !messages.is_empty() => break,
                Err(error) => return Err(thrown(&error.into())),
            }
        }
        if messages.is_empty() {
            return Ok(None);
        }
        let mut batch = Batch::received(messages);
        batch.report_external_memory(env);
        Ok(Some(batch))
    }

    /// Frees the buffer, if no message has begun in it.
    #[napi]
    pub fn release(&mut self) {
        self.decoder.release();
    }

    /// Throws when the stream has ended inside a message.
    #[napi]
    pub fn finish(&self) -> Result<()> {
        self.decoder.finish().map_err(|error| thrown(&error.into()))
    }
}
