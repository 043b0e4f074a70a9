//! Sending `api` commands without going through the connection's object: it is in a table of the JavaScript thread.

use std::cell::RefCell;
use std::sync::Arc;

use napi_derive::napi;
use switchwire::Command;

use crate::command;
use crate::connection::{Want, submit};
use crate::entry::Entry;
use crate::error::{Result, invalid};
use crate::table::Table;
use crate::text::Name;

thread_local! {
    static TABLE: RefCell<Table<Arc<Entry>>> = RefCell::default();
}

/// Enters a connection; the number is at least 1.
pub(crate) fn insert(entry: Arc<Entry>) -> u32 {
    TABLE.with_borrow_mut(|table| table.insert(entry))
}

/// Removes it. (At the thread's end the table may be gone already.)
pub(crate) fn remove(number: u32) {
    // Dropped outside of the table: it may be the last that holds the connection.
    let _removed = TABLE.try_with(|table| table.borrow_mut().remove(number));
}

/// `api` on the connection with that number on the table; completed with its output as text.
#[napi(ts_args_type = "number: number, request: number, command: string, arguments: string")]
pub fn send_api(number: u32, request: u32, command: Name, arguments: Name) -> Result<()> {
    let built = Command::api_bytes(command.bytes(), arguments.bytes());
    let built = built.map_err(|error| command::refused(&error))?;
    let entry = TABLE.with_borrow(|table| table.get(number).cloned());
    let entry = entry.ok_or_else(|| invalid("there is no such connection in the table"))?;
    submit(&entry, request, Want::Text, &built)
}
