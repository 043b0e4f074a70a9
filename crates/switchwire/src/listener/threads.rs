//! A thread for each call.

use std::io;
use std::sync::Arc;

use super::handled::{self, Ended, Failure};
use super::server::{Place, Runner};
use crate::{Connection, Listener};

pub(super) type Handler = dyn Fn(Connection) -> Option<Failure> + Send + Sync;

pub(super) struct Threads {
    pub(super) handler: Arc<Handler>,
    pub(super) stack_size: usize,
}

impl Runner for Threads {
    fn begin(&self, call: Connection, place: Place) -> io::Result<()> {
        let handler = self.handler.clone();
        let thread = std::thread::Builder::new().name("switchwire-call".into()).stack_size(self.stack_size);
        thread.spawn(move || run(call, &*handler, place)).map(drop)
    }
}

fn run(call: Connection, handler: &Handler, place: Place) {
    place.begun();
    let (ended, call) = handled::run(call, handler);
    if !matches!(ended, Ended::Well) {
        call.abandon(place.failure_cause(), Listener::HANGUP_TIMEOUT);
    }
    place.ended(ended);
}
