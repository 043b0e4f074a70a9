//! Reading headers without going through the batch's object: its slots are in a table of the JavaScript thread.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, Unknown};
use napi_derive::napi;

use crate::error::{Result, invalid};
use crate::slot::Slot;
use crate::table::Table;
use crate::text::{Name, Text};

thread_local! {
    static TABLE: RefCell<Table<Rc<Vec<Slot>>>> = RefCell::default();
}

/// Enters a batch's slots; the number is at least 1.
pub(crate) fn insert(slots: Rc<Vec<Slot>>) -> u32 {
    TABLE.with_borrow_mut(|table| table.insert(slots))
}

/// Removes them. (At the thread's end the table may be gone already.)
pub(crate) fn remove(number: u32) {
    let _ = TABLE.try_with(|table| table.borrow_mut().remove(number));
}

/// The decoded value of a header of the event at place `at` of the batch with that number on the table.
#[napi(ts_args_type = "number: number, at: number, name: string", ts_return_type = "string | null")]
pub fn read_header<'env>(env: &'env Env, number: u32, at: u32, name: Name) -> Result<Option<Unknown<'env>>> {
    TABLE.with_borrow(|table| {
        let slot = table.get(number).and_then(|slots| slots.get(at as usize));
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
