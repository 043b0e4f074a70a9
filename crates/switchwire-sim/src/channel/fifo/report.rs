//! What the `fifo` command prints of the queues.

use switchwire_proto::percent::{self, Escape};

use super::super::{ChannelId, Kind};
use super::{Queue, Side};
use crate::event::clock::Moment;
use crate::world::World;

impl World {
    /// `fifo list`: every queue, or one. The queue that every server has comes last.
    pub(crate) fn fifo_report(&self, only: Option<&str>) -> String {
        let manual = Queue { name: MANUAL.into(), ..Queue::default() };
        let members: Vec<_> = self.stores.queues.iter().flat_map(|queue| &queue.members).cloned().collect();
        let manual = Queue { members, ..manual };
        let all = self.stores.queues.iter().chain([&manual]);
        let found: Vec<String> = all
            .filter(|queue| only.is_none_or(|only| queue.name == only))
            .map(|queue| self.queue_report(queue))
            .collect();
        if found.is_empty() {
            return "<fifo_report>\n</fifo_report>\n".into();
        }
        format!("<fifo_report>\n{}</fifo_report>\n\n", found.concat())
    }

    fn queue_report(&self, queue: &Queue) -> String {
        let Queue { name, importance, callers, consumers, .. } = queue;
        let waiting = callers.len();
        let mut text = format!(
            "  <fifo name=\"{name}\" consumer_count=\"{}\" caller_count=\"{waiting}\" \
             waiting_count=\"{waiting}\" importance=\"{importance}\" outbound_per_cycle=\"0\" \
             outbound_per_cycle_min=\"0\" ring_timeout=\"0\" default_lag=\"0\" outbound_priority=\"5\" \
             outbound_strategy=\"ringall\">\n",
            consumers.len()
        );
        text.push_str(&list("outbound", queue.members.iter().map(|member| member_report(member, name))));
        let waiting = callers.iter().enumerate().map(|(at, (id, slot))| {
            let (uuid, shown) = (self.uuid_of(*id), self.shown(*id));
            let since = self.since(*id);
            let position = at + 1;
            format!(
                "      <caller uuid=\"{uuid}\" status=\"WAITING\" {shown} timestamp=\"{since}\" \
                 position=\"{position}\" slot=\"{slot}\"></caller>\n"
            )
        });
        text.push_str(&list("callers", waiting));
        let serving = consumers.iter().map(|id| {
            let (uuid, shown, since) = (self.uuid_of(*id), self.shown(*id), self.since(*id));
            let status = self.variable_text(*id, "fifo_status");
            let target = self.variable_text(*id, "fifo_target");
            let target = if status == "TALKING" { target } else { String::new() };
            format!(
                "      <consumer uuid=\"{uuid}\" status=\"{status}\" {shown} timestamp=\"{since}\" \
                 target=\"{target}\"></consumer>\n"
            )
        });
        text.push_str(&list("consumers", serving));
        let bridges = consumers.iter().filter_map(|id| self.bridge_report(*id, name));
        text.push_str(&list("bridges", bridges));
        text + "  </fifo>\n"
    }

    fn bridge_report(&self, id: ChannelId, name: &str) -> Option<String> {
        let Side::Consumer { talk: Some(talk), .. } = self.side(id)? else { return None };
        let start = Moment::from_epoch_seconds(talk.since / 1_000_000);
        Some(format!(
            "      <bridge fifo_name=\"{name}\" bridge_start=\"{}\" bridge_start_epoch=\"{}\">\n        \
             <caller uuid=\"{}\" {}></caller>\n        <consumer>\n          <uuid>{}</uuid>\n          \
             <outgoing_uuid></outgoing_uuid>\n        </consumer>\n      </bridge>\n",
            start.local(),
            start.seconds(),
            self.uuid_of(talk.caller),
            self.shown(talk.caller),
            self.uuid_of(id),
        ))
    }

    fn side(&self, id: ChannelId) -> Option<&Side> {
        self.channels.get(id)?.stack.iter().find_map(|running| match &running.kind {
            Kind::Fifo(side) => Some(side.as_ref()),
            _ => None,
        })
    }

    fn since(&self, id: ChannelId) -> String {
        match self.side(id) {
            Some(Side::Caller { since, .. } | Side::Consumer { since, .. }) => since.clone(),
            None => String::new(),
        }
    }

    fn shown(&self, id: ChannelId) -> String {
        let profile = self.channels.get(id).map(|channel| channel.profile.clone()).unwrap_or_default();
        let name = percent::encode(profile.caller_name.as_bytes(), Escape::Server);
        format!(
            "caller_id_name=\"{}\" caller_id_number=\"{}\"",
            String::from_utf8_lossy(&name),
            profile.caller_number
        )
    }

    fn variable_text(&self, id: ChannelId, name: &str) -> String {
        let value = self.channels.get(id).and_then(|channel| channel.variables.get(name));
        value.map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
    }

    /// `fifo count`: every queue, or one.
    pub(crate) fn fifo_counts(&self, only: Option<&str>) -> String {
        let line = |queue: &Queue| {
            let talks = |id: &&ChannelId| matches!(self.side(**id), Some(Side::Consumer { talk: None, .. }));
            let idle = queue.consumers.iter().filter(talks).count();
            format!(
                "{}:{}:{}:{}:0:{idle}\n",
                queue.name,
                queue.consumers.len(),
                queue.callers.len(),
                queue.members.len()
            )
        };
        let found = self.stores.queues.iter().filter(|queue| only.is_none_or(|only| queue.name == only));
        let mut text: String = found.map(line).collect();
        if only.is_none_or(|only| only == MANUAL) {
            text.push_str(&format!("{MANUAL}:0:0:0:0:0\n"));
        }
        if text.is_empty() { "none\n".into() } else { text }
    }
}

fn list(name: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.collect();
    if items.is_empty() {
        return format!("    <{name}></{name}>\n");
    }
    format!("    <{name}>\n{items}    </{name}>\n")
}

fn member_report(member: &super::Member, queue: &str) -> String {
    let super::Member { dial, simo, timeout, lag, since } = member;
    let times =
        if queue == MANUAL { "" } else { " ring-count=\"0\" start-time=\"never\" stop-time=\"never\"" };
    format!(
        "      <member simo=\"{simo}\" use_count=\"0\" timeout=\"{timeout}\" lag=\"{lag}\" \
         outbound-call-count=\"0\" outbound-fail-count=\"0\" taking-calls=\"1\" status=\"\" \
         outbound-call-total-count=\"0\" outbound-fail-total-count=\"0\" logged-on-since=\"{since}\" \
         manual-calls-out-count=\"0\" manual-calls-in-count=\"0\" manual-calls-out-total-count=\"0\" \
         manual-calls-in-total-count=\"0\"{times} next-available=\"now\">{dial}</member>\n"
    )
}

/// The queue that every server has.
const MANUAL: &str = "manual_calls";
