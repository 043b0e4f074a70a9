//! Reading headers without going through the batch's object: its slots are in a table of the JavaScript thread, under a
//! number. (Node's look-up of the native side of an object, `napi_unwrap`, costs more than finding a header.)

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, Unknown};
use napi_derive::napi;

use crate::error::{Result, invalid};
use crate::slot::Slot;
use crate::text::{Name, Text};

#[derive(Default)]
struct Table {
    places: Vec<Option<Rc<Vec<Slot>>>>,
    free: Vec<usize>,
}

thread_local! {
    static TABLE: RefCell<Table> = RefCell::default();
}

/// Enters a batch's slots; the number is at least 1.
pub(crate) fn insert(slots: Rc<Vec<Slot>>) -> u32 {
    TABLE.with_borrow_mut(|table| {
        let place = table.free.pop().unwrap_or_else(|| {
            table.places.push(None);
            table.places.len() - 1
        });
        table.places[place] = Some(slots);
        u32::try_from(place + 1).unwrap_or_default()
    })
}

/// Removes them. (At the thread's end the table may be gone already.)
pub(crate) fn remove(number: u32) {
    let _ = TABLE.try_with(|table| {
        let mut table = table.borrow_mut();
        if let Some(place) = (number as usize).checked_sub(1).filter(|place| *place < table.places.len()) {
            table.places[place] = None;
            table.free.push(place);
        }
    });
}

/// The decoded value of a header of the event at place `at` of the batch with that number on the table.
#[napi(ts_args_type = "number: number, at: number, name: string", ts_return_type = "string | null")]
pub fn read_header<'env>(env: &'env Env, number: u32, at: u32, name: Name) -> Result<Option<Unknown<'env>>> {
    TABLE.with_borrow(|table| {
        let place = (number as usize).wrapping_sub(1);
        let slots = table.places.get(place).and_then(Option::as_ref);
        let slot = slots.and_then(|slots| slots.get(at as usize));
        let slot = slot.ok_or_else(|| invalid("there is no such event in the table"))?;
        let Some(value) = slot.event.header_bytes(name.bytes()) else { return Ok(None) };
        // SAFETY: `env` is the caller's live environment, and the value is one that it has just made.
        let made = unsafe {
            Text::to_napi_value(env.raw(), Text(value))
                .and_then(|value| Unknown::from_napi_value(env.raw(), value))
        };
        made.map(Some).map_err(|error| invalid(error.reason.to_string()))
    })
}
