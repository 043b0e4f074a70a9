//! `dial` and `bgdial`: the party that a call reaches joins the conference.

use std::time::Duration;

use super::usage;
use crate::api::{NewCall, Outcome, new_uuid};
use crate::channel::{CallerId, Dial, Then};
use crate::world::World;

/// Calls; the reply is what came of it.
pub(super) fn dial(world: &World, name: &str, rest: &[&str]) -> Outcome {
    match call(world, name, rest, None) {
        Some(call) => Outcome::Call(Box::new(call)),
        None => refused("dial").into(),
    }
}

/// Calls in the background: what came of it is an event.
pub(super) fn bgdial(world: &mut World, name: &str, rest: &[&str]) -> String {
    let job = new_uuid();
    let Some(call) = call(world, name, rest, Some(job.clone())) else { return refused("bgdial") };
    world.start_call(None, call);
    format!("+OK Job-UUID: {job}\n")
}

/// `DESTINATION [NUMBER [NAME]]`.
fn call(world: &World, name: &str, rest: &[&str], job: Option<String>) -> Option<NewCall> {
    let [place, caller @ ..] = rest else { return None };
    let of = world.stores.conferences.get(name);
    if of.is_none() && !place.contains('/') {
        return None;
    }
    let (number, caller_name) = match caller {
        [] => ("0000000000", "Conference"),
        [number] => (*number, "Conference"),
        [number, name, ..] => (*number, *name),
    };
    let mut dial = Dial::parse(place);
    let named = [
        ("conference_bgdial_jobid", job.as_deref().unwrap_or_default()),
        ("origination_caller_id_name", caller_name),
        ("origination_caller_id_number", number),
    ];
    let named = named.into_iter().filter(|(_, value)| !value.is_empty());
    let named: Vec<_> = named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    dial.legs_mut().for_each(|leg| leg.export(&named));
    Some(NewCall {
        dial,
        caller: CallerId { name: caller_name.to_owned(), number: number.to_owned() },
        then: Then::Conference { name: name.to_owned(), arg: name.to_owned(), job },
        ignore_early: false,
        timeout: Duration::from_secs(60),
    })
}

fn refused(command: &str) -> String {
    format!("-ERR Bad Args\n{}", usage(command).unwrap_or_default())
}
