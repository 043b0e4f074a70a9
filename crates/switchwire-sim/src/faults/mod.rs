//! What can be made to go wrong on a connection.

mod words;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

pub(crate) use words::time;

/// Faults of a connection: slow, cut, half-open, silent; and which side a race of the real server ends on. The default
/// has none.
///
/// Set them for every new connection with [`Builder::faults`](crate::Builder::faults), or while the
/// simulator runs with [`Simulator::set_faults`](crate::Simulator::set_faults).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Faults {
    /// The sizes of pieces, in turn.
    pub(crate) split: Vec<usize>,
    pub(crate) throttle: Option<u64>,
    pub(crate) stall_after_bytes: Option<u64>,
    /// The frame in whose middle the connection stalls, counted from 1.
    pub(crate) stall_in_frame: Option<u64>,
    pub(crate) cut_in_frame: Option<u64>,
    pub(crate) wrong_length: Option<(u64, i64)>,
    pub(crate) garbage: BTreeMap<u64, Vec<u8>>,
    pub(crate) duplicate_reply: Option<u64>,
    pub(crate) late_replies: Option<Duration>,
    pub(crate) refuse: bool,
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
    /// The notice of a server that lost too many events because the client did not read them, then FIN. What waits is
    /// dropped, be it half a frame.
    LostEvents,
}

/// Which events a session that does not linger still gets once its call hangs up, before the notice: a real server's
/// session races with its call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LastEvents {
    /// All, CHANNEL_HANGUP_COMPLETE included.
    All,
    /// What recorded sessions got: all, if an async session hung up by `sendmsg`, since its connection sleeps for 20 ms
    /// after that reply; else those up to the end of the running application: CHANNEL_HANGUP, its
    /// CHANNEL_EXECUTE_COMPLETE.
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

words!(End, "the end": "notice" => Notice, "close" => Close, "half-close" => HalfClose, "reset" => Reset,
    "lost-events" => LostEvents);
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
        self.split = vec![bytes.max(1)];
        self
    }

    /// Writes pieces of these sizes, in turn and again from the first, with a short pause after each.
    pub fn split_at(mut self, sizes: impl IntoIterator<Item = usize>) -> Self {
        self.split = sizes.into_iter().map(|size| size.max(1)).collect();
        self
    }

    /// Writes no more than that many bytes a second.
    pub fn throttle(mut self, bytes_per_second: u64) -> Self {
        self.throttle = Some(bytes_per_second.max(1));
        self
    }

    /// Stalls once this many bytes were written, be it inside a frame; see [`stalled`](Self::stalled).
    pub fn stall_after_bytes(mut self, bytes: u64) -> Self {
        self.stall_after_bytes = Some(bytes);
        self
    }

    /// Stalls in the middle of that frame, counted from 1: the `auth/request` of an inbound connection.
    pub fn stall_in_frame(mut self, frame: u64) -> Self {
        self.stall_in_frame = Some(frame);
        self
    }

    /// Ends the connection in the middle of that frame, counted from 1.
    pub fn cut_in_frame(mut self, frame: u64, end: End) -> Self {
        (self.cut_in_frame, self.end) = (Some(frame), end);
        self
    }

    /// Adds that many bytes (negative: takes them away) to the first `Content-Length` in that frame and in every later one.
    pub fn wrong_length(mut self, frame: u64, by: i64) -> Self {
        self.wrong_length = Some((frame, by));
        self
    }

    /// Sends these bytes before that frame, counted from 1; may be given for several frames.
    pub fn garbage(mut self, frame: u64, bytes: impl AsRef<[u8]>) -> Self {
        self.garbage.insert(frame, bytes.as_ref().to_vec());
        self
    }

    /// Sends that reply twice, counted from 1: the reply to `auth` on an inbound connection.
    pub fn duplicate_reply(mut self, reply: u64) -> Self {
        self.duplicate_reply = Some(reply);
        self
    }

    /// Holds back every reply for that long, while events and later commands go on.
    pub fn late_replies(mut self, by: Duration) -> Self {
        self.late_replies = Some(by);
        self
    }

    /// Resets the connection as soon as it is accepted. See also [`Simulator::refuse`](crate::Simulator::refuse), which
    /// accepts none.
    pub fn refuse(mut self) -> Self {
        self.refuse = true;
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
