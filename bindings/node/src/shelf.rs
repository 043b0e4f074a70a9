//! Reading headers without going through the batch's object: its slots lie on a shelf of the JavaScript thread, under a
//! number. (Finding the native side of an object costs more than finding a header.)

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, Unknown};
use napi_derive::napi;

use crate::batch::Slot;
use crate::error::{Result, invalid};
use crate::text::{Name, Text};

#[derive(Default)]
struct Shelf {
    places: Vec<Option<Rc<Vec<Slot>>>>,
    free: Vec<usize>,
}

thread_local! {
    static SHELF: RefCell<Shelf> = RefCell::default();
}

/// Puts slots on the shelf; the number is at least 1.
pub(crate) fn put(slots: Rc<Vec<Slot>>) -> u32 {
    SHELF.with_borrow_mut(|shelf| {
        let place = shelf.free.pop().unwrap_or_else(|| {
            shelf.places.push(None);
            shelf.places.len() - 1
        });
        shelf.places[place] = Some(slots);
        u32::try_from(place + 1).unwrap_or_default()
    })
}

/// Takes them off again. (At the thread's end the shelf may be gone already.)
pub(crate) fn remove(number: u32) {
    let _ = SHELF.try_with(|shelf| {
        let mut shelf = shelf.borrow_mut();
        if let Some(place) = (number as usize).checked_sub(1).filter(|place| *place < shelf.places.len()) {
            shelf.places[place] = None;
            shelf.free.push(place);
        }
    });
}

/// The decoded value of a header of the event at place `at` of the batch with that number on the shelf.
#[napi(ts_args_type = "number: number, at: number, name: string", ts_return_type = "string | null")]
pub fn read_header<'env>(env: &'env Env, number: u32, at: u32, name: Name) -> Result<Option<Unknown<'env>>> {
    SHELF.with_borrow(|shelf| {
        let place = (number as usize).wrapping_sub(1);
        let slots = shelf.places.get(place).and_then(Option::as_ref);
        let slot = slots.and_then(|slots| slots.get(at as usize));
        let slot = slot.ok_or_else(|| invalid("there is no such event on the shelf"))?;
        let Some(value) = slot.event.header_bytes(name.bytes()) else { return Ok(None) };
        // SAFETY: `env` is the caller's live environment, and the value is one that it has just made.
        let made = unsafe {
            Text::to_napi_value(env.raw(), Text(value))
                .and_then(|value| Unknown::from_napi_value(env.raw(), value))
        };
        made.map(Some).map_err(|error| invalid(error.reason.to_string()))
    })
}
