//! Reads the JSON form into an arena.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Rules;
use crate::ParseError;
use crate::event::arena::Arena;

pub(crate) fn read(text: &[u8], rules: Rules) -> Result<Arena, ParseError> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let read = |text: &str, narrow| {
        let arena = Arena::with_capacity(text.len(), text.len() / 28 + 4);
        let mut reader = serde_json::Deserializer::from_str(text);
        reader.deserialize_any(EventVisitor { arena, narrow, rules })
    };
    match std::str::from_utf8(text) {
        Ok(text) => read(text, |text| Cow::Borrowed(text.as_bytes())),
        Err(_) => read(&widen(text), |text| Cow::Owned(narrow(text))),
    }
    .map_err(|error| ParseError::new("JSON", error.to_string()))
}

/// A JSON reader takes text only: bytes from 0x80 on travel through it as the last characters of Unicode.
fn widen(bytes: &[u8]) -> String {
    let wide = |byte: u8| char::from_u32(WIDE + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER);
    bytes.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { wide(byte) }).collect()
}

fn narrow(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u32::from(character).checked_sub(WIDE).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Some writers begin a text with it; libesl's reader of JSON passes over it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const WIDE: u32 = 0x0010_FF00;

/// Refuses a scalar. (serde's own refusal prints it, for which numbers with a fraction bring 44 KB into `libesl.so`.)
macro_rules! refused {
    ($($method:ident: $scalar:ty),*) => {
        $(fn $method<E: de::Error>(self, _: $scalar) -> Result<Arena, E> {
            Err(E::custom(NO_OBJECT))
        })*
    };
}
struct EventVisitor {
    arena: Arena,
    narrow: fn(&str) -> Cow<'_, [u8]>,
    rules: Rules,
}

impl<'de> Visitor<'de> for EventVisitor {
    type Value = Arena;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Arena, A::Error> {
        while let Some(name) = members.next_key_seed(Member)? {
            let Found::Text(name) = name else { continue };
            let name = (self.narrow)(&name);
            match members.next_value_seed(Member)? {
                Found::Text(value) => {
                    let value = (self.narrow)(&value);
                    if name.eq_ignore_ascii_case(b"_body") {
                        self.arena.set_body(&value);
                    } else {
                        self.rules.take(&mut self.arena, &name, &value);
                    }
                }
                Found::List(elements) => {
                    let elements = elements.iter().map(|element| (self.narrow)(element));
                    self.rules.take_array(&mut self.arena, &name, elements);
                }
                Found::Other => {}
            }
        }
        Ok(self.arena)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Arena, A::Error> {
        Err(de::Error::custom(NO_OBJECT))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Arena, E> {
        Err(E::custom(NO_OBJECT))
    }

    refused!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

const NO_OBJECT: &str = "expected a JSON object";

enum Found<'de> {
    Text(Cow<'de, str>),
    List(Vec<Cow<'de, str>>),
    Other,
}

/// A name or a value, borrowed from the text where it holds no escape.
struct Member;

impl<'de> DeserializeSeed<'de> for Member {
    type Value = Found<'de>;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Found::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Found::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            if let Found::Text(text) = item {
                list.push(text);
            }
        }
        Ok(Found::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Found::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_object_is_refused_in_words_and_with_its_place() {
        for text in ["[\"a\"]", "7", "-7", "1.5", "\"a\"", "null", "true"] {
            let error = read(text.as_bytes(), Rules::AsSent).unwrap_err().to_string();
            assert!(error.contains("expected a JSON object at line 1"), "{text}: {error}");
        }
        assert!(read(b" {\"a\": [1, 1.5, \"b\"]} ", Rules::AsSent).is_ok());
    }
}
