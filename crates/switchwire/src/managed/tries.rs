//! How often a command is tried while connections come and go.

use std::time::Duration;

use super::{ManagedConnection, WhileDown};
use crate::deadline::Deadline;
use crate::{Connection, Error};

/// The tries of one command on a supervised connection, by its policy for the time without one
/// ([`ManagedBuilder::while_down`](super::ManagedBuilder::while_down)). For bindings and event loops, which wait in their
/// own way; the methods of [`ManagedConnection`] do it by themselves.
///
/// A command runs on the present connection, or waits for the next one for as long as [`patience`](Self::patience) says;
/// where it fails and [`goes_again`](Self::goes_again) says so, it runs on the next one, until the time that the first try began
/// with is over.
#[derive(Debug, Clone, Copy)]
pub struct Tries {
    /// `None`: commands fail at once.
    deadline: Option<Deadline>,
}

impl Tries {
    pub(super) fn new(policy: WhileDown) -> Self {
        Self {
            deadline: match policy {
                WhileDown::Fail => None,
                WhileDown::Wait(time) => Some(Deadline::after(time)),
            },
        }
    }

    /// For how long the next try may wait for a connection; `None`: not at all, and it fails where there is none.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.left().unwrap_or(FOREVER))
    }

    /// Whether a command that failed with `error` on that connection runs again on the next one: it has not been sent, since
    /// the connection had just ended, and there is time left.
    #[must_use]
    pub fn goes_again(&self, error: &Error, connection: &Connection) -> bool {
        self.goes_again_if(ManagedConnection::is_unsent(error), connection.is_open())
    }

    /// The same for a binding whose errors and connections are its own: whether [`ManagedConnection::is_unsent`] said so of
    /// the error, and whether the connection is still open.
    #[must_use]
    pub fn goes_again_if(&self, unsent: bool, is_open: bool) -> bool {
        unsent && !is_open && self.deadline.is_some_and(|deadline| !deadline.passed())
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }
}

/// What stands for no limit: every language's clocks take it.
const FOREVER: Duration = Duration::from_secs(u32::MAX as u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_sent_goes_again_and_only_while_there_is_time() {
        let patient = Tries::new(WhileDown::Wait(Duration::MAX));
        assert_eq!(patient.patience(), Some(FOREVER));
        assert!(patient.goes_again_if(true, false));
        assert!(!patient.goes_again_if(false, false));
        assert!(!patient.goes_again_if(true, true));
        let late = Tries::new(WhileDown::Wait(Duration::ZERO));
        assert_eq!(late.patience(), Some(Duration::ZERO));
        assert!(!late.goes_again_if(true, false));
        let none = Tries::new(WhileDown::Fail);
        assert_eq!(none.patience(), None);
        assert!(!none.goes_again_if(true, false));
    }
}
