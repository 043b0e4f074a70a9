use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use switchwire::{Execute, Executed, Result};

use crate::Connection;
use crate::pending::{Abandon, Pending};

/// The end of an application that is running, as a future; see [`Connection::start_execute`].
///
/// When it is dropped, the event of the end comes to [`Connection::recv_event`] as any other; the application goes on.
#[must_use = "the end comes to this future"]
pub struct Execution {
    uuid: String,
    ended: Pending<Executed, Wait>,
}

struct Wait {
    connection: switchwire::Connection,
    uuid: String,
}

impl Abandon for Wait {
    fn abandon(&self) {
        self.connection.event_loop().give_up(&self.uuid);
    }
}

impl Execution {
    pub(crate) fn start(connection: &Connection, execute: Execute) -> Result<Self> {
        let mut started = String::new();
        let ended = Pending::start(|on_done| {
            let uuid = connection.send(|event_loop| event_loop.execute_and_wait_with(execute, on_done))?;
            started.clone_from(&uuid);
            Ok(Wait { connection: connection.core().clone(), uuid })
        })?;
        Ok(Self { uuid: started, ended })
    }

    /// The Event-UUID of this run.
    #[must_use]
    pub fn uuid(&self) -> &str {
        &self.uuid
    }
}

impl Future for Execution {
    type Output = Result<Executed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.ended).poll(context)
    }
}

impl std::fmt::Debug for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Execution").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}
