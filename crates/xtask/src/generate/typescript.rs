//! The words of calls as `switchwire/vocabulary`: TypeScript unions of their names, and tables that are loaded when a
//! program asks for them.

use std::fmt::Write as _;

use switchwire_proto::EventType;
use switchwire_proto::vocabulary::{
    AnswerState, CallDirection, CallState, ChannelState, ConferenceAction, HangupCause, SayGender, SayMethod,
    SayType, headers, variables,
};

use super::{NOTICE, Output};

pub(super) fn outputs() -> Vec<Output> {
    vec![("node/vocabulary.d.ts", types()), ("node/vocabulary.js", tables())]
}

/// A JavaScript string.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The words of every enum: the union's name, the table's, a line of meaning, and name, number and meaning of each.
fn enums() -> Vec<(&'static str, &'static str, &'static str, Vec<Word>)> {
    macro_rules! words {
        ($enum:ident, $number:expr) => {
            $enum::ALL
                .iter()
                .map(|word| Word {
                    name: word.name().to_owned(),
                    number: $number(word),
                    meaning: word.meaning().unwrap_or_default(),
                })
                .collect()
        };
        ($enum:ident) => {
            words!($enum, |word: &$enum| word.number().unwrap_or_default())
        };
    }
    let q850 = words!(HangupCause, HangupCause::q850);
    vec![
        (
            "HangupCause",
            "HANGUP_CAUSES",
            "Why a channel was hung up (`Hangup-Cause`), and what hangs up.",
            q850,
        ),
        (
            "ChannelState",
            "CHANNEL_STATES",
            "The channel's state machine (`Channel-State`).",
            words!(ChannelState),
        ),
        ("CallState", "CALL_STATES", "The call's state (`Channel-Call-State`).", words!(CallState)),
        ("AnswerState", "ANSWER_STATES", "How far a call is answered (`Answer-State`).", words!(AnswerState)),
        (
            "CallDirection",
            "CALL_DIRECTIONS",
            "Which way a leg goes (`Call-Direction`).",
            words!(CallDirection),
        ),
        ("SayType", "SAY_TYPES", "What the application `say` says.", words!(SayType)),
        ("SayMethod", "SAY_METHODS", "How the application `say` says it.", words!(SayMethod)),
        ("SayGender", "SAY_GENDERS", "The gender in which it says it.", words!(SayGender)),
        (
            "ConferenceAction",
            "CONFERENCE_ACTIONS",
            "What happened in a conference (`Action` of `conference::maintenance`).",
            words!(ConferenceAction),
        ),
    ]
}

struct Word {
    name: String,
    number: u16,
    meaning: &'static str,
}

fn types() -> String {
    let mut out = format!(
        "// {NOTICE}\n// Unions hold the words that this version knows. Where servers may send others, a reader's type says so:\n\
         // `HangupCause | (string & {{}})` completes names and takes any text.\n"
    );
    let events = EventType::ALL.iter().map(|event_type| event_type.name());
    union(&mut out, "EventName", "The name of an event.", events);
    for (name, _, meaning, words) in enums() {
        union(&mut out, name, meaning, words.iter().map(|word| &*word.name));
    }
    union(&mut out, "HeaderName", "A header that programs read.", headers::ALL.iter().map(|row| row.name));
    let names = variables::ALL.iter().map(|row| row.name);
    union(&mut out, "VariableName", "A channel variable that steers a call or says how it went.", names);
    let mut kinds: Vec<&str> = Vec::new();
    for row in variables::ALL {
        if !kinds.contains(&row.kind.name()) {
            kinds.push(row.kind.name());
        }
    }
    union(&mut out, "VariableKind", "What a variable's text stands for.", kinds.into_iter());
    for (name, table, _, _) in enums() {
        let numbers = match name {
            "HangupCause" => "Every cause, with its Q.850 number (16 for the server's own ones).",
            _ => "Every word, with the server's number.",
        };
        let _ = write!(out, "\n/** {numbers} */\nexport const {table}: Readonly<Record<{name}, number>>;\n");
    }
    out.push_str(
        "\n/** Every word of the enums by the name of its table, with a line of meaning. */\n\
         export const MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>>;\n\
         \n/** Every header of the table, with a line of meaning. */\n\
         export const HEADERS: Readonly<Record<HeaderName, string>>;\n\
         \n/** Every variable of the table, with its kind and a line of meaning. */\n\
         export const VARIABLES: Readonly<Record<VariableName, { readonly kind: VariableKind; readonly meaning: string }>>;\n",
    );
    out
}

fn union<'a>(out: &mut String, name: &str, meaning: &str, words: impl Iterator<Item = &'a str>) {
    let _ = write!(out, "\n/** {meaning} */\nexport type {name} =");
    for word in words {
        let _ = write!(out, "\n  | {}", quoted(word));
    }
    out.push_str(";\n");
}

fn tables() -> String {
    let mut out =
        format!("'use strict';\n// {NOTICE}\n\nconst MEANINGS = {{}};\nmodule.exports = {{ MEANINGS }};\n");
    let mut table = |name: &str, rows: Vec<(String, String)>| {
        let _ = write!(out, "\nmodule.exports.{name} = Object.freeze({{\n");
        for (key, value) in rows {
            let _ = writeln!(out, "  {}: {value},", quoted(&key));
        }
        out.push_str("});\n");
    };
    for (_, name, _, words) in enums() {
        table(name, words.iter().map(|word| (word.name.clone(), word.number.to_string())).collect());
        let meanings = words.iter().map(|word| (word.name.clone(), quoted(word.meaning)));
        table(&format!("MEANINGS.{name}"), meanings.collect());
    }
    table("HEADERS", headers::ALL.iter().map(|row| (row.name.to_owned(), quoted(row.meaning))).collect());
    let variable = |row: &variables::VariableName| {
        let value = format!("{{ kind: {}, meaning: {} }}", quoted(row.kind.name()), quoted(row.meaning));
        (row.name.to_owned(), value)
    };
    table("VARIABLES", variables::ALL.iter().map(variable).collect());
    out.push_str("\nObject.freeze(MEANINGS);\n");
    out
}
