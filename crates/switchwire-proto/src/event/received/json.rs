//! Flat JSON, read in place: an object of strings and lists of strings on one line, as the server sends an event.
//!
//! One pass at receipt finds out whether the payload is flat; if so, headers are looked up in it as in header lines.
//! Everything else (blanks between members, escapes in names, `\u` escapes, numbers, broken text) goes to the JSON reader.
//! Events with lists stay here since servers do send them: one in eighteen of the recorded JSON events.

use std::ops::Range;
use std::sync::LazyLock;

use fearless_simd::Simd;
use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::json_escapes::{is_escaped, is_simple_escape, unescaped};
use super::json_lists::{Part, each_part};
use super::json_scan::{self, Member, scan};
use crate::event::ExactNames;
use crate::lines::{ends_alike, same_name};
use crate::simd::{self, Block, widest};
use crate::{EventType, array};

/// What the pass at receipt found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape {
    /// Where the value of `_body` is, without its quotes.
    pub(crate) body: Option<(u32, u32)>,
    /// Some values are lists.
    pub(crate) lists: bool,
    /// Values are empty, or there is more than one `Event-Name`: by libesl's rules they change other headers.
    pub(crate) interacting: bool,
}

impl Shape {
    /// Of a payload that begins at `offset` of its message; `None` when it is not flat.
    pub(crate) fn of(text: &[u8], offset: u32) -> Option<Self> {
        let members = json_scan::members(text)?;
        let mut noted = Noted::new(text);
        if noted.run(members.clone()).is_none() {
            // Lists, above all.
            noted = Noted::new(text);
            let parts = each_part(text, members, |part| match part {
                Part::Run(members) => noted.run(members),
                Part::List(member) => {
                    noted.member(member);
                    Some(())
                }
            });
            if parts.is_none() {
                noted = Noted::new(text);
                walk(text, |member| _ = noted.member(member))?;
            }
        }
        noted.shape(offset)
    }
}

/// What is noted of the members that pass by.
pub(super) struct Noted<'a> {
    text: &'a [u8],
    /// Where the name `_body` begins.
    body: usize,
    bodies: u32,
    event_names: u32,
    lists: bool,
    /// `_body` or `Event-Name` is a list.
    odd_list: bool,
    empty_values: bool,
}

impl<'a> Noted<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, body: 0, bodies: 0, event_names: 0, lists: false, odd_list: false, empty_values: false }
    }

    /// Notes the names of members that have no lists among them; `None` when they are to be read otherwise.
    fn run(&mut self, members: Range<usize>) -> Option<()> {
        widest!(simd => self.run_in_blocks(simd, members))
    }

    #[inline(always)]
    fn run_in_blocks<S: Simd>(&mut self, simd: S, members: Range<usize>) -> Option<()> {
        if !members.is_empty() {
            self.name(members.start + 1);
        }
        self.empty_values |= scan(
            simd,
            self.text,
            members,
            #[inline(always)]
            |strings| {
                let mut names = strings.names;
                while names != 0 {
                    self.name(strings.base + names.trailing_zeros() as usize + 1);
                    names &= names - 1;
                }
            },
        )?;
        Some(())
    }

    /// Notes the name that begins there; says whether it is one of the two that matter.
    // Inlined by order: as a call for each name it costs a tenth of what an event costs.
    #[inline(always)]
    fn name(&mut self, start: usize) -> bool {
        // Of nearly all names the first letter is all that has to be looked at; seven of an event's begin with `Event-`.
        let ends_after = |length: usize| self.text.get(start + length) == Some(&b'"');
        match self.text.get(start) {
            Some(b'_') if ends_after(BODY.len()) && self.is_named(start, BODY) => {
                self.body = start;
                self.bodies += 1;
                true
            }
            Some(b'E' | b'e') if ends_after(EVENT_NAME.len()) && self.is_named(start, EVENT_NAME) => {
                self.event_names += 1;
                true
            }
            _ => false,
        }
    }

    #[cold]
    fn is_named(&self, start: usize, name: &[u8]) -> bool {
        self.text[start..start + name.len()].eq_ignore_ascii_case(name)
    }

    /// Notes a member; says whether it is the body.
    // Inlined by order, as `name`.
    #[inline(always)]
    pub(super) fn member(&mut self, member: Member) -> bool {
        let Member { name: (start, _), value, list, .. } = member;
        self.empty_values |= value.0 == value.1;
        self.lists |= list;
        if !self.name(start) {
            return false;
        }
        self.odd_list |= list;
        self.text[start] == b'_'
    }

    /// Of a payload that begins at `offset` of its message. `None` when it is to be read otherwise.
    pub(super) fn shape(&self, offset: u32) -> Option<Shape> {
        // Of two bodies the last would count: not worth a rule here.
        if self.bodies > 1 || self.odd_list {
            return None;
        }
        let position = |at: usize| u32::try_from(at).ok()?.checked_add(offset);
        let body = match self.bodies {
            0 => None,
            _ => {
                // After the name, its quote and the colon.
                let value = string(self.text, self.body + BODY.len() + 2)?;
                Some((position(value.start)?, position(value.end)?))
            }
        };
        let interacting = self.empty_values || self.event_names > 1;
        Some(Shape { body, lists: self.lists, interacting })
    }
}

/// Passes on the members of an object of strings and lists of strings, string by string; `None` when the text is anything
/// else: then what was passed on is to be forgotten.
pub(super) fn walk(text: &[u8], mut each: impl FnMut(Member)) -> Option<()> {
    if !is_printable(text) {
        return None;
    }
    let mut at = 0;
    let mut before = b'{';
    loop {
        if text.get(at) != Some(&before) {
            return None;
        }
        let name = string(text, at + 1).filter(|name| name.start < name.end)?;
        if text.get(name.end + 1) != Some(&b':') || is_escaped(&text[name.start..name.end]) {
            return None;
        }
        let begin = name.end + 2;
        let list = text.get(begin) == Some(&b'[');
        let value = if list {
            at = pass_list(text, begin)?;
            (begin, at)
        } else {
            let value = string(text, begin)?;
            at = value.end + 1;
            (value.start, value.end)
        };
        let escaped = is_escaped(&text[value.0..value.1]);
        each(Member { name: (name.start, name.end), value, escaped, list });
        if text.get(at..)? == b"}" {
            return Some(());
        }
        before = b',';
    }
}

/// Passes on the places of the quotes that follow a brace or a comma.
#[inline(always)]
fn openings<S: Simd>(simd: S, text: &[u8], mut each: impl FnMut(usize)) {
    let mut at = 0;
    while let Some([before, quotes]) = Block::several(simd, text, at, [0, 1]) {
        let mut opening = before.is(b',').or(before.is(b'{')).and(quotes.is(b'"')).mask();
        while opening != 0 {
            each(at + 1 + opening.trailing_zeros() as usize);
            opening &= opening - 1;
        }
        at += simd::SIZE;
    }
    for (place, pair) in text[at..].windows(2).enumerate() {
        if matches!(pair, [b',' | b'{', b'"']) {
            each(at + place + 1);
        }
    }
}

/// Whether a text has no control characters: the JSON reader refuses them.
pub(super) fn is_printable(text: &[u8]) -> bool {
    text.iter().fold(u8::MAX, |lowest, byte| lowest.min(*byte)) >= b' '
}

/// A flat JSON payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlatJson<'a> {
    text: &'a [u8],
}

impl<'a> FlatJson<'a> {
    pub(crate) fn text(self) -> &'a [u8] {
        self.text
    }

    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text }
    }

    /// Whether [`find`](Self::find) can distinguish a member of that name from text inside a value.
    pub(super) fn can_find(name: &[u8]) -> bool {
        // A quote followed by a letter opens a string: a closing one is followed by a comma, colon or bracket. An escaped
        // one is within a value, whose closing quote no colon follows.
        matches!(name, [first, ..] if first.is_ascii_alphanumeric() || matches!(first, b'-' | b'_'))
    }

    /// What is between the quotes of the first member of that name, in any letter case.
    pub(super) fn find(self, name: &[u8]) -> Option<&'a [u8]> {
        let (_, value) = self.find_from(0, name).filter(|_| !name.eq_ignore_ascii_case(BODY))?;
        string(self.text, value).map(|value| &self.text[value.start..value.end])
    }

    /// What is between the quotes of the last member of just that name, letter case included.
    pub(crate) fn find_last(self, name: &[u8]) -> Option<&'a [u8]> {
        let mut last = None;
        let mut from = 0;
        while let Some((at, value)) = self.find_from(from, name).filter(|_| name != b"_body") {
            from = at + 1;
            if self.text[from..].starts_with(name) {
                last = Some(value);
            }
        }
        string(self.text, last?).map(|value| &self.text[value.start..value.end])
    }

    /// What is between the quotes of the members of those names, in order; none of a list.
    pub(crate) fn each_named(self, names: &ExactNames, mut each: impl FnMut(usize, Option<&'a [u8]>)) {
        let text = self.text;
        // A name follows a brace or a comma. (So may a closing quote: what comes after that is no name; and an element of a
        // list: no colon follows it.)
        let mut member = |quote: usize| {
            names.beginning(&text[quote + 1..], b"\":", |at, name| {
                if name != b"_body" {
                    let value = string(text, quote + 1 + name.len() + 2);
                    each(at, value.map(|value| &text[value.start..value.end]));
                }
            });
        };
        widest!(simd => openings(simd, text, &mut member));
    }

    /// Whether a member of that name is a list.
    pub(super) fn any_list(self, name: &[u8]) -> bool {
        let mut from = 0;
        while let Some((at, value)) = self.find_from(from, name) {
            if self.text.get(value) == Some(&b'[') {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Where the first member of that name from there on begins, and where its value does.
    fn find_from(self, from: usize, name: &[u8]) -> Option<(usize, usize)> {
        widest!(simd => self.find_in_blocks(simd, from, name))
    }

    #[inline(always)]
    fn find_in_blocks<S: Simd>(self, simd: S, from: usize, name: &[u8]) -> Option<(usize, usize)> {
        let text = self.text;
        let named = |at: usize| -> Option<(usize, usize)> {
            let end = at + 1 + name.len();
            let is = text.get(at) == Some(&b'"')
                && text.get(end..end + 2) == Some(b"\":")
                && ends_alike(&text[at + 1..end], name)
                && same_name(&text[at + 1..end], name);
            is.then_some((at, end + 2))
        };
        let mut at = from;
        while let Some([opening, colons]) = Block::several(simd, text, at, [0, 2 + name.len()]) {
            // Names of that length: few have it, so the first letter is not compared here.
            let found = opening.is(b'"').and(colons.is(b':'));
            let mut found = if found.any() { found.mask() } else { 0 };
            while found != 0 {
                if let Some(found) = named(at + found.trailing_zeros() as usize) {
                    return Some(found);
                }
                found &= found - 1;
            }
            at += simd::SIZE;
        }
        memchr_iter(b'"', text.get(at..)?).find_map(|opening| named(at + opening))
    }

    pub(crate) fn event_type(self) -> EventType {
        let name = self.find(EVENT_NAME).map(unescaped);
        name.and_then(EventType::from_name).unwrap_or(EventType::Custom)
    }

    /// Whether a header may hold array text: `false` is certain.
    pub(super) fn may_hold_arrays(self) -> bool {
        ARRAY_PREFIX.find(self.text).is_some()
    }

    /// Whether a name may hold an index, as `name[3]`: `false` is certain.
    pub(super) fn may_hold_indexes(self) -> bool {
        let mut at = 0;
        while let Some(bracket) = memchr(b'[', &self.text[at..]) {
            let Some(end) = closing_quote(self.text, at + bracket) else { break };
            // A colon follows names only (and the first element of a list may begin with one: a false alarm).
            if self.text.get(end + 1) == Some(&b':') {
                return true;
            }
            at = end + 1;
        }
        false
    }

    /// The name and value of the member that begins at `at` (of the next one if that is the body), and where the one after
    /// it begins. 0 is the beginning.
    pub(crate) fn member_from(self, at: usize) -> Option<(Range<usize>, Range<usize>, usize)> {
        let mut at = at.max(1);
        loop {
            let name = string(self.text, at)?;
            let value = string(self.text, name.end + 2)?;
            // After the comma.
            at = value.end + 2;
            if !self.text[name.start..name.end].eq_ignore_ascii_case(BODY) {
                return Some((name.start..name.end, value.start..value.end, at));
            }
        }
    }
}

/// What is between the quotes of a string.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    start: usize,
    end: usize,
}

/// The string that begins at `at`; `None` when there is none, or it has an escape that [`unescaped`] does not decode.
fn string(text: &[u8], at: usize) -> Option<Quoted> {
    let start = at + 1;
    text.get(at).filter(|quote| **quote == b'"')?;
    let end = closing_quote(text, start)?;
    Some(Quoted { start, end })
}

/// The first quote from there that is not escaped; `None` without one, or with an escape that [`unescaped`] does not decode.
fn closing_quote(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let found = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        text.get(found + 1).filter(|escape| is_simple_escape(**escape))?;
        from = found + 2;
    }
}

/// The position after the list of strings that begins at `at`.
pub(super) fn pass_list(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    if text.get(at) == Some(&b']') {
        return Some(at + 1);
    }
    loop {
        let element = string(text, at)?;
        at = element.end + 2;
        match text.get(element.end + 1)? {
            b',' => {}
            b']' => return Some(at),
            _ => return None,
        }
    }
}

/// What is between the quotes of each element of a list that [`walk`] has passed on.
pub(super) fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 1;
    std::iter::from_fn(move || {
        let element = string(list, at)?;
        at = element.end + 2;
        Some(&list[element.start..element.end])
    })
}

pub(super) const BODY: &[u8] = b"_body";
const EVENT_NAME: &[u8] = b"Event-Name";

static ARRAY_PREFIX: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(array::ARRAY_PREFIX));
