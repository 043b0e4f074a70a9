//! Received messages for JavaScript: one native object per batch, from which headers are read one by one.

use std::borrow::Cow;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Buffer, ObjectFinalize};
use napi_derive::napi;
use switchwire::proto::format::json::{self, Layout};
use switchwire::proto::percent::Escape;
use switchwire::proto::raw::last_value;
use switchwire::{DisconnectNotice, Disposition, Event, EventType, Incoming, LogRecord, Message, Priority};

use crate::batch_table;
use crate::error::{Result, invalid};
use crate::memory;
use crate::prefetch::{self, Column};
use crate::received;
use crate::slot::Slot;
use crate::text::{Name, Text};

/// Messages that came together (or one event that a program has built). Read by position.
#[napi(custom_finalize)]
pub struct Batch {
    slots: Rc<Vec<Slot>>,
    /// Its number in the thread's table, once it is there.
    number: Option<u32>,
    /// The external memory that was reported to Node's garbage collector for this object.
    reported: i64,
}

impl Batch {
    pub(crate) fn received(messages: Vec<Message>) -> Self {
        let slots = Rc::new(messages.into_iter().map(Slot::received).collect());
        Self { slots, number: None, reported: 0 }
    }

    pub(crate) fn of(event: Event) -> Self {
        Self { slots: Rc::new(vec![Slot::built(event)]), number: None, reported: 0 }
    }

    /// Events of a stream that has taken them from their messages.
    pub(crate) fn events(events: Vec<Event>) -> Self {
        let slots = Rc::new(events.into_iter().map(Slot::built).collect());
        Self { slots, number: None, reported: 0 }
    }

    /// A received message in the classic form: replies and the like as the outer event.
    pub(crate) fn outer(message: Message) -> Self {
        Self { slots: Rc::new(vec![Slot::outer(message)]), number: None, reported: 0 }
    }

    pub(crate) fn event(&self, at: u32) -> Result<&Event> {
        self.slot(at).map(|slot| &slot.event)
    }

    /// The bytes of its messages.
    pub(crate) fn size(&self) -> usize {
        self.slots.iter().map(Slot::size).sum()
    }

    /// To be called once the object is JavaScript's: it keeps memory alive that the collector cannot see.
    pub(crate) fn report_external_memory(&mut self, env: &Env) {
        let size = i64::try_from(self.size()).unwrap_or_default();
        // Fails when Node is going down: then nothing is collected any more. What was not noted must not be taken back:
        // from version 24 on Node aborts then.
        if size > 0 && memory::report(env, size) {
            self.reported = size;
        }
    }

    fn slot(&self, at: u32) -> Result<&Slot> {
        self.slots.get(at as usize).ok_or_else(|| invalid("there is no such event in the batch"))
    }

    fn edit(&mut self, at: u32) -> Result<&mut Event> {
        // The table's slots stay as they were received: the event's own object reads the change here.
        let slot = Rc::make_mut(&mut self.slots).get_mut(at as usize);
        slot.map(|slot| &mut slot.event).ok_or_else(|| invalid("there is no such event in the batch"))
    }
}

impl ObjectFinalize for Batch {
    fn finalize(self, env: Env) -> napi::Result<()> {
        if let Some(number) = self.number {
            batch_table::remove(number);
        }
        if self.reported > 0 {
            let _ = memory::report(&env, -self.reported);
        }
        Ok(())
    }
}

#[napi]
impl Batch {
    /// An event to be filled in.
    #[napi(factory)]
    pub fn create(event_type: String, subclass: Option<String>) -> Self {
        Self::of(Event::from_names(&event_type, subclass.as_deref()).0)
    }

    /// An event from its text in `json`, `plain` or `xml`.
    #[napi(factory)]
    pub fn parse(format: String, text: String) -> Result<Self> {
        let event = match format.as_str() {
            "json" => Event::from_json(&text),
            "plain" => Event::from_plain(&text),
            "xml" => Event::from_xml(&text),
            _ => return Err(invalid("the format is one of plain, json, xml")),
        };
        event.map(Self::of).map_err(|error| invalid(error.to_string()))
    }

    #[napi(getter)]
    pub fn length(&self) -> u32 {
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    /// Enters it in the thread's table of batches, for `readHeader`; its number there.
    #[napi]
    pub fn register(&mut self) -> u32 {
        *self.number.get_or_insert_with(|| batch_table::insert(self.slots.clone()))
    }

    /// A character per message: `KIND_LOG`, `KIND_NOTICE`, `KIND_OTHER`, else an event: the number of its type, or
    /// `KIND_UNNAMED` when `named` is false (which saves looking into the events).
    #[napi(ts_return_type = "string")]
    pub fn kinds(&self, named: bool) -> String {
        self.slots.iter().map(|slot| char::from(slot.kind(named))).collect()
    }

    /// The values of those headers (or `PREFETCH_BODY`) for all messages. Per `PREFETCH_PIECE` messages two strings: where
    /// each value is (per message and name two characters, start and length; the length `PREFETCH_NONE` stands for no
    /// such header, `PREFETCH_ASK` for a value that is to be read by itself), and the text that they are in.
    #[napi(ts_return_type = "string[]")]
    pub fn prefetch(&self, names: Vec<String>) -> Vec<Column> {
        let pieces = self.slots.chunks(prefetch::PREFETCH_PIECE as usize);
        pieces.flat_map(|slots| prefetch::columns(slots, &names)).collect()
    }

    /// What modesl's layer reads of every event, and the values of those headers. Per `RECEIVED_PIECE` messages two
    /// strings: per message `RECEIVED_WIDTH` characters and two per name (places as in `prefetch`), and the text.
    #[napi(ts_return_type = "string[]")]
    pub fn prefetch_received(&self, names: Vec<String>) -> Vec<Column> {
        received::columns(&self.slots, &names)
    }

    /// The decoded value of the first header of that name, in any letter case.
    #[napi(ts_args_type = "at: number, name: string", ts_return_type = "string | null")]
    pub fn get(&self, at: u32, name: Name) -> Result<Option<Text<Cow<'_, [u8]>>>> {
        Ok(self.event(at)?.header_bytes(name.bytes()).map(Text))
    }

    /// As `get`, in bytes.
    #[napi(ts_args_type = "at: number, name: string", ts_return_type = "Buffer | null")]
    pub fn get_bytes(&self, at: u32, name: Name) -> Result<Option<Buffer>> {
        Ok(self.event(at)?.header_bytes(name.bytes()).map(|value| value.into_owned().into()))
    }

    /// The value of the last header of just that name, letter case included: modesl's way.
    #[napi(ts_args_type = "at: number, name: string", ts_return_type = "string | null")]
    pub fn get_exact(&self, at: u32, name: Name) -> Result<Option<Text<Cow<'_, [u8]>>>> {
        Ok(last_value(self.event(at)?, name.bytes()).map(Text))
    }

    /// One element of an array header.
    #[napi(ts_args_type = "at: number, name: string, index: number", ts_return_type = "string | null")]
    pub fn element(&self, at: u32, name: Name, index: u32) -> Result<Option<Text<Cow<'_, [u8]>>>> {
        Ok(self.event(at)?.header_element(name.bytes(), index as usize).map(Text))
    }

    /// The elements of an array header, or the one value of a plain one.
    #[napi(ts_args_type = "at: number, name: string", ts_return_type = "string[] | null")]
    pub fn array(&self, at: u32, name: Name) -> Result<Option<Vec<Text<Vec<u8>>>>> {
        let array = self.event(at)?.array(name.bytes());
        Ok(array.map(|all| all.into_iter().map(|value| Text(value.into_owned().into_bytes())).collect()))
    }

    /// Every header in order: name, value, name, value …
    #[napi(ts_return_type = "string[]")]
    pub fn headers(&self, at: u32) -> Result<Vec<Text<Cow<'_, [u8]>>>> {
        let headers = self.event(at)?.headers();
        Ok(headers
            .flat_map(|header| [Text(Cow::Borrowed(header.name_bytes())), Text(header.value_bytes())])
            .collect())
    }

    /// The positions of those headers that are arrays.
    #[napi]
    pub fn array_positions(&self, at: u32) -> Result<Vec<u32>> {
        let headers = self.event(at)?.headers().enumerate();
        let arrays = headers.filter(|(_, header)| header.elements().is_some());
        Ok(arrays.filter_map(|(position, _)| u32::try_from(position).ok()).collect())
    }

    /// The headers of the message that it came in: name, value, name, value …; empty for what was built.
    #[napi(ts_return_type = "string[]")]
    pub fn outer_headers(&self, at: u32) -> Result<Vec<Text<Cow<'_, [u8]>>>> {
        let Some(message) = &self.slot(at)?.message else { return Ok(Vec::new()) };
        let pair =
            |(name, value)| [Text(Cow::Borrowed(name)), Text(switchwire::proto::percent::decode(value))];
        Ok(message.headers().flat_map(pair).collect())
    }

    /// The body of the message that it came in.
    #[napi(ts_return_type = "string | null")]
    pub fn outer_body(&self, at: u32) -> Result<Option<Text<&[u8]>>> {
        Ok(self.slot(at)?.message.as_ref().and_then(Message::body).map(Text))
    }

    #[napi(ts_return_type = "string | null")]
    pub fn body(&self, at: u32) -> Result<Option<Text<&[u8]>>> {
        Ok(self.event(at)?.body().map(Text))
    }

    #[napi]
    pub fn body_bytes(&self, at: u32) -> Result<Option<Buffer>> {
        Ok(self.event(at)?.body().map(|body| body.to_vec().into()))
    }

    /// The type's name; `CUSTOM` for names that are not in the table.
    #[napi]
    pub fn type_name(&self, at: u32) -> Result<&'static str> {
        Ok(self.event(at)?.event_type().name())
    }

    /// The event's text: `json`, `plain` (values percent-encoded) or `xml`.
    #[napi(ts_return_type = "string")]
    pub fn serialize(&self, at: u32, format: String) -> Result<Text<Vec<u8>>> {
        let event = self.event(at)?;
        match format.as_str() {
            "json" => Ok(Text(event.to_json().into_bytes())),
            "plain" => Ok(Text(event.to_plain(Escape::Full))),
            "raw" => Ok(Text(event.to_plain(Escape::None))),
            "classic-json" => Ok(Text(json::write(event, Layout::Tabs))),
            "xml" => Ok(Text(event.to_xml())),
            _ => Err(invalid("the format is one of plain, json, xml")),
        }
    }

    /// Adds a header: `how` is `add`, `push`, `unshift` or `set`.
    #[napi]
    pub fn change(&mut self, at: u32, how: String, name: String, value: String) -> Result<()> {
        let event = self.edit(at)?;
        match how.as_str() {
            "push" => event.push_header(name, value),
            "unshift" => event.unshift_header(name, value),
            "set" => event.set_header(name, value),
            _ => event.add_header(name, value),
        };
        Ok(())
    }

    #[napi]
    pub fn delete(&mut self, at: u32, name: String) -> Result<bool> {
        Ok(self.edit(at)?.del_header(name))
    }

    #[napi]
    pub fn set_body(&mut self, at: u32, body: String) -> Result<()> {
        self.edit(at)?.set_body(body);
        Ok(())
    }

    /// `NORMAL`, `LOW` or `HIGH`, in any letter case.
    #[napi]
    pub fn set_priority(&mut self, at: u32, priority: String) -> Result<()> {
        let named = |known: &Priority| known.name().eq_ignore_ascii_case(&priority);
        let found = Priority::ALL.into_iter().find(named);
        let priority = found.ok_or_else(|| invalid("the priority is one of NORMAL, LOW, HIGH"))?;
        self.edit(at)?.set_priority(priority);
        Ok(())
    }

    /// A copy that can be changed without changing this one.
    #[napi]
    pub fn copy(&self, at: u32) -> Result<Batch> {
        Ok(Self::of(self.event(at)?.clone()))
    }

    /// The same event read by libesl's rules, as the classic object model shows it.
    #[napi]
    pub fn classic(&self, at: u32) -> Result<Batch> {
        let slot = self.slot(at)?;
        let event = slot.message.clone().map_or_else(|| slot.event.clone(), Message::into_classic_event);
        Ok(Self::of(event))
    }

    #[napi]
    pub fn equals(&self, at: u32, other: &Batch, other_at: u32) -> Result<bool> {
        Ok(self.event(at)? == other.event(other_at)?)
    }

    /// A log line, typed.
    #[napi]
    pub fn log(&self, at: u32) -> Result<Option<LogLine>> {
        let record = self.slot(at)?.message.as_ref().and_then(Message::log_record);
        Ok(record.map(LogLine::from))
    }

    /// The notice of a call that has ended while the connection lingers on.
    #[napi]
    pub fn notice(&self, at: u32) -> Result<Option<LingerNotice>> {
        let message = self.slot(at)?.message.clone();
        Ok(match message.map(Incoming::from) {
            Some(Incoming::Notice(notice)) => Some(notice.into()),
            _ => None,
        })
    }
}

/// See `LogLine` in `index.d.ts`.
#[napi(object)]
pub struct LogLine {
    pub level: u8,
    pub level_name: String,
    pub file: String,
    pub function: String,
    pub line: u32,
    pub text_channel: u32,
    pub channel_uuid: Option<String>,
    pub text: String,
}

/// See `LingerNotice` in `index.d.ts`.
#[napi(object)]
pub struct LingerNotice {
    pub seconds: Option<u32>,
    pub session_uuid: Option<String>,
    pub channel_name: Option<String>,
    pub text: String,
}

impl From<LogRecord> for LogLine {
    fn from(record: LogRecord) -> Self {
        Self {
            level: record.level as u8,
            level_name: record.level.name().to_owned(),
            file: record.file,
            function: record.function,
            line: record.line,
            text_channel: record.text_channel,
            channel_uuid: record.channel_uuid,
            text: record.text,
        }
    }
}

impl From<DisconnectNotice> for LingerNotice {
    fn from(notice: DisconnectNotice) -> Self {
        let seconds = match notice.disposition {
            Disposition::Linger { seconds } => seconds.and_then(|seconds| u32::try_from(seconds).ok()),
            Disposition::Disconnect => None,
        };
        let (session_uuid, channel_name, text) = (notice.session_uuid, notice.channel_name, notice.text);
        Self { seconds, session_uuid, channel_name, text }
    }
}

/// Every event name, in the order of the numbers that [`Batch::kinds`] gives.
#[napi]
pub fn event_types() -> Vec<&'static str> {
    EventType::ALL.iter().map(|kind| kind.name()).collect()
}
