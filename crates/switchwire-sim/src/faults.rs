//! What can be made to go wrong on a connection.

use std::str::FromStr;
use std::time::Duration;

/// Faults of a connection: slow, cut, half-open, silent; and which side a race of the real server ends on. The default
/// has none.
///
/// Set them for every new connection with [`Builder::faults`](crate::Builder::faults), or while the
/// simulator runs with [`Simulator::set_faults`](crate::Simulator::set_faults).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Faults {
    pub(crate) split: Option<usize>,
    pub(crate) delay: Option<Duration>,
    pub(crate) end_after_bytes: Option<u64>,
    pub(crate) end_after_frames: Option<u64>,
    pub(crate) end: End,
    pub(crate) silent: bool,
    pub(crate) stalled: bool,
    pub(crate) deaf: bool,
    pub(crate) last_events: LastEvents,
    pub(crate) linger_notice: LingerNotice,
    pub(crate) completion: Completion,
}

/// How a connection ends when [`Faults`] or [`Simulator::disconnect_all`](crate::Simulator::disconnect_all) end it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    /// The disconnect-notice, then FIN: what the server does on `exit`.
    Notice,
    /// FIN without a notice, in both directions.
    #[default]
    Close,
    /// The simulator's sending side is shut, it goes on reading: the client sees the end of the stream.
    HalfClose,
    /// RST: the client's next read fails with "connection reset".
    Reset,
}

/// Which events a session that does not linger still gets once its call hangs up, before the notice: a real server's
/// session races with its call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LastEvents {
    /// All, CHANNEL_HANGUP_COMPLETE included.
    All,
    /// Those up to the end of the running application: CHANNEL_HANGUP, its CHANNEL_EXECUTE_COMPLETE.
    #[default]
    Some,
    /// Not even CHANNEL_HANGUP.
    None,
}

/// The place of a lingering session's notice among the call's last events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LingerNotice {
    /// After CHANNEL_HANGUP, before the running application's CHANNEL_EXECUTE_COMPLETE.
    First,
    /// After CHANNEL_HANGUP_COMPLETE.
    #[default]
    Last,
}

/// Where a synchronous `sendmsg execute` has its CHANNEL_EXECUTE_COMPLETE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Completion {
    /// Before the reply. No recorded server did that.
    BeforeReply,
    /// After the reply, as a server sends it.
    #[default]
    AfterReply,
}

/// The words that name a choice, for settings that are text: the command line's, Python's, JavaScript's.
macro_rules! words {
    ($name:ident, $what:literal: $($word:literal => $value:ident),+) => {
        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$value),)+
                    _ => Err(format!(concat!($what, " is one of ", $("'", $word, "', ",)+ "not {:?}"), text)),
                }
            }
        }
    };
}

words!(End, "the end": "notice" => Notice, "close" => Close, "half-close" => HalfClose, "reset" => Reset);
words!(LastEvents, "last events": "all" => All, "some" => Some, "none" => None);
words!(LingerNotice, "the linger notice": "first" => First, "last" => Last);
words!(Completion, "the completion": "before-reply" => BeforeReply, "after-reply" => AfterReply);

impl Faults {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Writes at most `bytes` at a time, with a short pause after each piece so that the client sees the pieces.
    pub fn split(mut self, bytes: usize) -> Self {
        self.split = Some(bytes.max(1));
        self
    }

    /// Waits this long before each frame.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Ends the connection after this many bytes were written, even in the middle of a frame.
    pub fn end_after_bytes(mut self, bytes: u64, end: End) -> Self {
        (self.end_after_bytes, self.end) = (Some(bytes), end);
        self
    }

    /// Ends the connection after this many frames were written.
    pub fn end_after_frames(mut self, frames: u64, end: End) -> Self {
        (self.end_after_frames, self.end) = (Some(frames), end);
        self
    }

    /// Accepts and reads, but never writes a byte.
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Writes nothing for now: what there is to write is kept, and goes out once the connection's faults are changed. A
    /// server that hangs for a while; unlike a [`silent`](Self::silent) one it loses nothing.
    pub fn stalled(mut self) -> Self {
        self.stalled = true;
        self
    }

    /// Never reads what the client sends, so that the client's writes fill up.
    pub fn deaf(mut self) -> Self {
        self.deaf = true;
        self
    }

    /// Which events a session that does not linger still gets once its call hangs up.
    pub fn last_events(mut self, events: LastEvents) -> Self {
        self.last_events = events;
        self
    }

    /// The place of a lingering session's notice among the call's last events.
    pub fn linger_notice(mut self, place: LingerNotice) -> Self {
        self.linger_notice = place;
        self
    }

    /// Where a synchronous `sendmsg execute` has its CHANNEL_EXECUTE_COMPLETE.
    pub fn completion(mut self, place: Completion) -> Self {
        self.completion = place;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_the_choices() {
        assert_eq!("half-close".parse(), Ok(End::HalfClose));
        assert_eq!("none".parse(), Ok(LastEvents::None));
        assert_eq!("first".parse(), Ok(LingerNotice::First));
        assert_eq!("before-reply".parse(), Ok(Completion::BeforeReply));
        let error = "most".parse::<LastEvents>().err();
        assert_eq!(error.as_deref(), Some("last events is one of 'all', 'some', 'none', not \"most\""));
    }
}
