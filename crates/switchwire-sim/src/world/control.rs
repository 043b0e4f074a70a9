//! Requests from the simulator's handle.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use switchwire_proto::{Event, LogLevel};

use super::{Mode, Timer, World};
use crate::api::stores::Registration;
use crate::conn::Phase;
use crate::custom::{Done, Handler};
use crate::dialplan::Extension;
use crate::endpoint::Endpoint;
use crate::event::origin;
use crate::faults::{End, Faults};
use crate::load::Load;
use crate::scenario::Act;
use crate::wire::frame;

/// One request.
pub(crate) enum Control {
    Fire(Event),
    Raw(Vec<u8>),
    Log(LogLevel, String),
    Extension(String, Vec<(String, String)>),
    Dialplan(Extension),
    Endpoint(String, Handler<Endpoint>),
    Application(String, Handler<Done>),
    Api(String, Handler<String>),
    Faults(Faults),
    Register(Registration),
    FaultsOf(usize, Faults),
    Act(Act),
    Load(Load),
    /// Whether connections are refused; replies when that is so.
    Refuse(bool, mpsc::Sender<()>),
    DisconnectAll(End),
    /// Moves a virtual clock; the reply says whether there is one.
    Advance(Duration, mpsc::Sender<bool>),
    Shutdown,
    Stop,
}

impl World {
    pub(super) fn control(&mut self, control: Control) {
        match control {
            Control::Fire(event) => self.fire_injected(&event),
            Control::Raw(bytes) => self.send_raw(bytes),
            Control::Log(level, text) => self.log_text(level, &text),
            Control::Extension(number, actions) => self.config.dialplan.set(&number, actions),
            Control::Dialplan(extension) => self.config.dialplan.add(extension),
            Control::Endpoint(pattern, handler) => self.config.endpoints.push((pattern, handler)),
            Control::Application(name, handler) => {
                self.config.applications.insert(name.to_ascii_lowercase(), handler);
            }
            Control::Api(name, handler) => {
                self.config.apis.insert(name.to_ascii_lowercase(), handler);
            }
            Control::Faults(faults) => self.set_faults(faults),
            Control::FaultsOf(number, faults) => {
                for conn in self.conns.values_mut().filter(|conn| conn.number == number) {
                    conn.faults = faults.clone();
                    self.dirty.push(conn.id);
                }
                self.config.faults_of.insert(number, faults);
            }
            Control::DisconnectAll(end) => self.disconnect_all(end),
            Control::Act(act) => self.act(act),
            Control::Load(load) => {
                self.config.load = Some(load);
                self.start_load();
            }
            Control::Refuse(refuse, done) => {
                self.refuse(refuse);
                let _ = done.send(());
            }
            Control::Advance(time, done) => {
                // A caller that is gone needs no reply.
                let _ = done.send(self.advance_clock(time));
            }
            Control::Register(phone) => {
                self.stores.registrations.retain(|known| known.call_id != phone.call_id);
                self.stores.registrations.push(phone);
            }
            Control::Shutdown => self.shut_down(true, true),
            Control::Stop => self.mode = Mode::Stopped,
        }
    }

    /// Sends bytes between two frames, after all that was to be sent before.
    pub(crate) fn send_raw(&mut self, bytes: Vec<u8>) {
        let bytes: std::sync::Arc<[u8]> = bytes.into();
        let open = self.conns.values_mut().filter(|conn| conn.phase == Phase::Open);
        let open = open.map(|conn| {
            // Events wait for room: behind half a message they would be its body.
            while let Some(frame) = conn.logs.pop_front().or_else(|| conn.events.pop_front()) {
                conn.out.push(frame);
            }
            conn.out.push(bytes.clone());
            conn.id
        });
        // At once: what ends the connections next would take it along.
        for id in open.collect::<Vec<_>>() {
            self.write(id);
            self.dirty.push(id);
        }
    }

    /// Faults for every connection, present and future.
    pub(crate) fn set_faults(&mut self, faults: Faults) {
        for conn in self.conns.values_mut() {
            conn.faults = faults.clone();
            self.dirty.push(conn.id);
        }
        self.config.faults_of.clear();
        self.config.faults = faults;
    }

    pub(crate) fn disconnect_all(&mut self, end: End) {
        for id in self.conns.keys().copied().collect::<Vec<_>>() {
            self.end_connection(id, end);
        }
    }

    /// The server dies and is started again: connections end without a notice, calls are gone without an event, the
    /// core has another uuid and counts from the beginning.
    pub(crate) fn restart(&mut self) {
        self.disconnect_all(End::Close);
        self.channels = crate::channel::Channels::default();
        self.work.clear();
        self.asked.clear();
        self.core_uuid = crate::api::new_uuid();
        self.globals.insert("core_uuid".into(), self.core_uuid.clone());
        self.sequence = 0;
        self.started = super::clock::now();
    }

    /// An event made by a test: what it has is kept, what it lacks of the standard headers is put before it.
    pub(crate) fn fire_injected(&mut self, event: &Event) {
        let mut full = self.stamped(event.event_type(), origin::of(event.event_type()));
        let standard: Vec<String> = full.headers().map(|header| header.name().into_owned()).collect();
        for header in event.headers() {
            let name = header.name_bytes();
            let value = header.value_bytes();
            if name.eq_ignore_ascii_case(b"Event-Name") {
                continue;
            }
            if name.eq_ignore_ascii_case(b"Event-Subclass") {
                full.add_header_top(name, value);
                continue;
            }
            if standard.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name)) {
                full.del_header(name);
            }
            full.add_header(name, value);
        }
        if let Some(body) = event.body() {
            full.set_body(body);
        }
        self.dispatch(&full);
    }

    /// Ends every connection as a module that is unloaded does; `stop` ends the simulator too.
    pub(crate) fn shut_down(&mut self, notice: bool, stop: bool) {
        if stop && notice {
            let mut event = self.stamped(
                switchwire_proto::EventType::Shutdown,
                origin::of(switchwire_proto::EventType::Shutdown),
            );
            event.add_header("Event-Info", "System Shutting Down");
            self.dispatch(&event);
        }
        for id in self.conns.keys().copied().collect::<Vec<_>>() {
            if !notice {
                self.end_connection(id, End::Close);
            } else if self.conns.get(&id).is_some_and(|conn| conn.phase != Phase::Closing) {
                self.flush_events(id);
                self.close_with(id, frame::SHUTTING_DOWN);
            }
        }
        if stop {
            let until = Instant::now() + ENDING;
            self.mode = Mode::Ending(until);
            // The wait for slow clients must end even if nothing else happens.
            self.socket_timers.at(until, Timer::Write(0));
        }
    }
}

/// How long a simulator that shuts down waits for its clients to read.
const ENDING: Duration = Duration::from_millis(500);
