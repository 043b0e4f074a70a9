//! What lasted: ringing, being answered, applications, bridges, holds, files.

use std::sync::Arc;

use switchwire::EventType;

use super::Entry;
use super::entry::What;

/// Something on a leg with a beginning and, unless it goes on, an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) uuid: Arc<str>,
    pub(crate) what: String,
    /// Microseconds since 1970.
    pub(crate) from: u64,
    pub(crate) to: Option<u64>,
    /// The entry that began it.
    pub(crate) begun_by: usize,
}

/// The spans of entries that are in the order of time, in the order of their beginnings.
pub(crate) fn spans(entries: &[Entry]) -> Vec<Span> {
    let mut spans: Vec<(Span, Key<'_>)> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let What::Event(event) = entry.what else { continue };
        let own = |(span, _): &&mut (Span, Key<'_>)| span.uuid == entry.uuid && span.to.is_none();
        if event == EventType::ChannelHangup || event == EventType::ChannelDestroy {
            spans.iter_mut().filter(own).for_each(|(span, _)| span.to = Some(entry.at));
            continue;
        }
        if let Some(key) = ended_by(event, entry) {
            let open = spans.iter_mut().rev().filter(own).find(|(_, begun)| *begun == key);
            if let Some((span, _)) = open {
                span.to = Some(entry.at);
            }
        }
        if let Some((key, what)) = begun_by(event, entry) {
            let span = Span { uuid: entry.uuid.clone(), what, from: entry.at, to: None, begun_by: index };
            spans.push((span, key));
        }
    }
    spans.into_iter().map(|(span, _)| span).collect()
}

/// What the end of a span has in common with its beginning.
#[derive(Debug, PartialEq, Eq)]
enum Key<'a> {
    Kind(&'static str),
    Application(Option<&'a str>),
}

fn begun_by(event: EventType, entry: &Entry) -> Option<(Key<'_>, String)> {
    let kind = |kind: &'static str| Some((Key::Kind(kind), kind.to_owned()));
    match event {
        EventType::ChannelCreate => kind(RINGING),
        EventType::ChannelAnswer => kind(ANSWERED),
        EventType::ChannelBridge => kind(BRIDGED),
        EventType::ChannelHold => kind(HELD),
        EventType::ChannelPark => kind(PARKED),
        EventType::RecordStart => kind(RECORDED),
        EventType::ChannelExecute => {
            let name = entry.detail.split(' ').find_map(|word| word.strip_prefix("app="));
            let name = name.unwrap_or("application").to_owned();
            Some((Key::Application(entry.key.as_deref()), name))
        }
        _ => None,
    }
}

fn ended_by(event: EventType, entry: &Entry) -> Option<Key<'_>> {
    Some(match event {
        EventType::ChannelAnswer => Key::Kind(RINGING),
        EventType::ChannelUnbridge => Key::Kind(BRIDGED),
        EventType::ChannelUnhold => Key::Kind(HELD),
        EventType::ChannelUnpark => Key::Kind(PARKED),
        EventType::RecordStop => Key::Kind(RECORDED),
        EventType::ChannelExecuteComplete => Key::Application(entry.key.as_deref()),
        _ => return None,
    })
}

const RINGING: &str = "ringing";
const ANSWERED: &str = "answered";
const BRIDGED: &str = "bridged";
const HELD: &str = "on hold";
const PARKED: &str = "parked";
const RECORDED: &str = "recorded";

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: u64, event: EventType, key: Option<&str>) -> Entry {
        Entry {
            at,
            uuid: "u".into(),
            what: What::Event(event),
            detail: "CS_EXECUTE app=playback data=x".into(),
            key: key.map(Box::from),
        }
    }

    #[test]
    fn each_end_belongs_to_its_beginning_and_the_hangup_ends_all() {
        let entries = [
            entry(0, EventType::ChannelCreate, None),
            entry(10, EventType::ChannelAnswer, None),
            entry(11, EventType::ChannelExecute, Some("outer")),
            entry(12, EventType::ChannelExecute, Some("inner")),
            entry(15, EventType::ChannelExecuteComplete, Some("inner")),
            entry(16, EventType::ChannelExecuteComplete, Some("unknown")),
            entry(20, EventType::ChannelHangup, None),
        ];
        let spans: Vec<_> =
            spans(&entries).into_iter().map(|span| (span.what, span.from, span.to, span.begun_by)).collect();
        let expected = [
            ("ringing", 0, Some(10), 0),
            ("answered", 10, Some(20), 1),
            ("playback", 11, Some(20), 2),
            ("playback", 12, Some(15), 3),
        ];
        assert_eq!(spans, expected.map(|(what, from, to, by)| (what.to_owned(), from, to, by)));
    }
}
