//! `valet_park`: a lot of numbered places. A call waits in one until another call names the same place.

use std::collections::BTreeMap;
use std::time::Duration;

use super::apps::Start;
use super::digits::words;
use super::fire::Extra;
use super::play::Play;
use super::{ChannelId, Kind};
use crate::event::origin::Origin;
use crate::world::World;

/// The lots, and how many PRESENCE_IN events they have fired.
#[derive(Debug, Default)]
pub(crate) struct Valet {
    lots: BTreeMap<String, Vec<(String, ChannelId)>>,
    presences: u64,
}

/// Where a channel waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parked {
    lot: String,
    place: String,
    /// The hold music; none while the place is announced.
    play: Option<Play>,
}

/// `LOT PLACE`, `LOT auto in [MIN] [MAX]` or `LOT auto out`.
pub(super) fn valet_park(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words = words(arg);
    let word = |at: usize| words.get(at).map(String::as_str);
    let (Some(lot), Some(place)) = (word(0), word(1)) else { return Start::Done };
    let number = |at, missing| word(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(missing);
    let places = world.stores.valet.lots.entry(lot.to_owned()).or_default();
    let auto = place.eq_ignore_ascii_case("auto");
    let place = match word(2) {
        _ if !auto => place.to_owned(),
        Some("in") => {
            let taken = |place: &u64| places.iter().any(|(name, _)| *name == place.to_string());
            let Some(free) = (number(3, 1)..=number(4, MAX_PLACE)).find(|place| !taken(place)) else {
                return Start::Done;
            };
            free.to_string()
        }
        _ => match places.first() {
            Some((place, _)) => place.clone(),
            None => return Start::Done,
        },
    };
    let there = places.iter().find(|(name, _)| *name == place).map(|(_, parked)| *parked);
    if let Some(parked) = there {
        world.take_out(id, parked, lot, &place);
        return Start::Done;
    }
    places.push((place.clone(), id));
    world.note_way_back(id, lot, &place);
    world.pre_answer_channel(id);
    let mut parked = Parked { lot: lot.to_owned(), place, play: None };
    if auto {
        return Start::Run(Kind::Valet(Box::new(parked)), Some(ANNOUNCEMENT));
    }
    world.hold_in_place(id, &parked);
    parked.play = Some(world.open_hold_music(id));
    Start::Run(Kind::Valet(Box::new(parked)), None)
}

impl World {
    /// Another channel names a place where one waits: the two are joined.
    fn take_out(&mut self, id: ChannelId, parked: ChannelId, lot: &str, place: &str) {
        let uuid = self.uuid_of(id);
        let own = Parked { lot: lot.to_owned(), place: place.to_owned(), play: None };
        self.valet_event(parked, &own, "bridge", &[("Bridge-To-UUID", &uuid)]);
        self.bridge_channels(parked, id);
    }

    /// What a waiting channel would run to come back to its place.
    fn note_way_back(&mut self, id: ChannelId, lot: &str, place: &str) {
        let music = self.globals.get("hold_music").cloned().unwrap_or_default();
        let Some(channel) = self.channels.get_mut(id) else { return };
        let ticket = &channel.uuid;
        let back = format!(
            "set:valet_ticket={ticket},set:valet_hold_music='{music}',sleep:1000,valet_park:{lot} {place}"
        );
        channel.variables.set("inline_destination", back);
    }

    fn open_hold_music(&mut self, id: ChannelId) -> Play {
        let music = self.globals.get("hold_music").cloned().unwrap_or_default();
        self.open(id, &music, None)
    }

    /// From now on the channel waits.
    fn hold_in_place(&mut self, id: ChannelId, parked: &Parked) {
        self.valet_event(id, parked, "hold", &[]);
        self.valet_presence(parked, true);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("valet_lot_extension", &parked.place);
        }
    }

    /// The announcement of a place is over: whether it was one.
    pub(super) fn parks_on(&mut self, id: ChannelId) -> bool {
        let top = self.channels.get(id).and_then(|channel| channel.stack.last());
        let Some(top) = top.filter(|top| top.ran_its_time()) else { return false };
        let Kind::Valet(parked) = &top.kind else { return false };
        let mut parked = parked.clone();
        self.hold_in_place(id, &parked);
        parked.play = Some(self.open_hold_music(id));
        self.replay(id, Kind::Valet(parked));
        self.runs_on(id, None);
        true
    }

    /// A channel leaves its place.
    pub(super) fn close_valet(&mut self, id: ChannelId, parked: &Parked) {
        match &parked.play {
            Some(play) => self.close_play(id, play, false),
            None => self.hold_in_place(id, parked),
        }
        if let Some(places) = self.stores.valet.lots.get_mut(&parked.lot) {
            places.retain(|(_, channel)| *channel != id);
        }
        self.valet_presence(parked, false);
        self.valet_event(id, parked, "exit", &[]);
    }

    fn valet_event(&mut self, id: ChannelId, parked: &Parked, action: &str, more: Extra<'_>) {
        let own =
            [("Valet-Lot-Name", parked.lot.as_str()), ("Valet-Extension", &parked.place), ("Action", action)];
        let before: Vec<_> = own.iter().chain(more).copied().collect();
        self.custom_event(id, "valet_parking::info", EVENT, &before, &[]);
    }

    /// Tells the phones that watch the lot and the place.
    fn valet_presence(&mut self, parked: &Parked, comes: bool) {
        let count = self.stores.valet.lots.get(&parked.lot).map_or(0, Vec::len);
        let callers = format!("Active ({count} caller{})", if count == 1 { "" } else { "s" });
        let place = if comes { "Holding" } else { "Empty" };
        let lot = if count > 0 { callers.as_str() } else { "Empty" };
        for (name, status, calls) in [(&parked.lot, lot, false), (&parked.place, place, comes)] {
            let active = status != "Empty";
            let from = format!("{name}@{}", self.config.domain);
            let number = self.stores.valet.presences.to_string();
            self.stores.valet.presences += 1;
            self.presence_event(
                PRESENCE,
                &[
                    ("proto", "park"),
                    ("login", name),
                    ("from", &from),
                    ("force-status", status),
                    ("rpid", if active { "active" } else { "unknown" }),
                    ("event_type", "presence"),
                    ("alt_event_type", "dialog"),
                    ("event_count", &number),
                    ("unique-id", name),
                    ("channel-state", if active { "CS_ROUTING" } else { "CS_HANGUP" }),
                    ("answer-state", if active { "confirmed" } else { "terminated" }),
                    ("presence-call-direction", if calls { "outbound" } else { "inbound" }),
                ],
            );
        }
    }

    /// What `valet_info` prints: every lot, or one.
    pub(crate) fn valet_report(&self, only: &str) -> String {
        let mut text = String::from("<lots>\n");
        for (lot, places) in self.stores.valet.lots.iter().filter(|(lot, _)| only.is_empty() || *lot == only)
        {
            text.push_str(&format!("  <lot name=\"{lot}\">\n"));
            for (place, id) in places {
                let uuid = self.uuid_of(*id);
                text.push_str(&format!("    <extension uuid=\"{uuid}\">{place}</extension>\n"));
            }
            text.push_str("  </lot>\n");
        }
        text + "</lots>\n"
    }
}

/// What the announcement of a place takes.
const ANNOUNCEMENT: Duration = Duration::from_millis(1500);
/// The highest place that `auto in` gives unless told another.
const MAX_PLACE: u64 = 99_999;
const EVENT: Origin = ("mod_valet_parking.c", "valet_parking_function", 660);
const PRESENCE: Origin = ("mod_valet_parking.c", "valet_send_presence", 299);
