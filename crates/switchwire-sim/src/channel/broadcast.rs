//! `uuid_broadcast`: applications that a command has a channel run, or the one it talks to.

use super::{Call, ChannelId, Message};
use crate::world::{Work, World};

/// Who runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Legs {
    Own,
    Other,
    Both,
    /// The channel itself, while the other one hears the hold music.
    HoldOther,
}

impl Legs {
    /// As the command names them.
    pub(crate) fn named(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "aleg" => Self::Own,
            "bleg" => Self::Other,
            "both" => Self::Both,
            _ => Self::HoldOther,
        }
    }
}

impl World {
    /// `PATH` is played; `APP[!CAUSE]::ARG` is run, and with a cause the channel is hung up afterwards.
    pub(crate) fn broadcast(&mut self, id: ChannelId, what: &str, legs: Legs) {
        let (app, data) = what.split_once("::").unwrap_or(("playback", what));
        let (app, cause) = app.split_once('!').map_or((app, None), |(app, cause)| (app, Some(cause)));
        let other = self.channels.get(id).and_then(|channel| channel.bridged);
        if let (Legs::Other | Legs::Both, Some(other)) = (legs, other) {
            self.send_message(other, message(app, data, 1, false));
        }
        if legs == Legs::Other {
            return;
        }
        self.send_message(id, message(app, data, 1, legs == Legs::HoldOther));
        if let Some(cause) = cause {
            let headers = own_headers(&[("call-command", "hangup"), ("hangup-cause", cause)]);
            self.send_message(id, Message::Hangup { cause: cause.to_owned(), headers });
        }
    }

    /// A broadcast begins, and the other side is to wait meanwhile.
    pub(super) fn hold_other(&mut self, id: ChannelId) {
        let Some(other) = self.channels.get(id).and_then(|channel| channel.bridged) else { return };
        let music = self.globals.get("hold_music").cloned().unwrap_or_default();
        self.send_message(other, message("playback", &music, -1, false));
    }

    /// It is over: the other side need not wait any more.
    pub(super) fn release_other(&mut self, id: ChannelId) {
        let Some(other) = self.channels.get(id).and_then(|channel| channel.bridged) else { return };
        let Some(channel) = self.channels.get_mut(other) else { return };
        for running in channel.stack.iter_mut().filter(|running| running.call.loops < 0) {
            running.call.loops = 1;
            running.over = true;
        }
        self.work.push_back(Work::Step(other));
    }
}

fn message(app: &str, data: &str, loops: i64, holds_other: bool) -> Message {
    let call = Call { lock: true, total: Some(loops), loops, holds_other, ..Call::new(app, data) };
    let mut headers = own_headers(&[
        ("call-command", "execute"),
        ("execute-app-name", app),
        ("execute-app-arg", data),
        ("event-lock", "true"),
        ("lead-frames", "5"),
    ]);
    if loops < 0 {
        headers.extend(own_headers(&[("loops", "-1")]));
    }
    if holds_other {
        headers.extend(own_headers(&[("hold-bleg", "true")]));
    }
    Message::Execute { call, headers, broadcast: true }
}

fn own_headers(headers: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}
