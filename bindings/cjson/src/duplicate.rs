//! Copies of values.

use std::ptr;

use libc::c_int;

use crate::edge::{bytes, guard};
use crate::node::{IS_REFERENCE, NAME_IS_CONST, NESTING_LIMIT, cJSON, delete, new, text};
use crate::tree::append;

/// A copy; with `recurse` also of all members.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_Duplicate(item: *const cJSON, recurse: c_int) -> *mut cJSON {
    // SAFETY: C's promise: NULL or a living value.
    guard(ptr::null_mut(), || unsafe { duplicate(item, recurse != 0, 0) })
}

unsafe fn duplicate(item: *const cJSON, recurse: bool, depth: usize) -> *mut cJSON {
    // SAFETY: the promise of `cJSON_Duplicate`.
    unsafe {
        let Some(from) = item.as_ref() else { return ptr::null_mut() };
        if depth > NESTING_LIMIT * 10 {
            return ptr::null_mut();
        }
        let copy = new(from.r#type & !IS_REFERENCE);
        if copy.is_null() {
            return copy;
        }
        (*copy).valueint = from.valueint;
        (*copy).valuedouble = from.valuedouble;
        if let Some(value) = bytes(from.valuestring) {
            (*copy).valuestring = text(value);
        }
        (*copy).string = match bytes(from.string) {
            Some(_) if from.r#type & NAME_IS_CONST != 0 => from.string,
            Some(name) => text(name),
            None => ptr::null_mut(),
        };
        let mut child = from.child;
        while recurse && !child.is_null() {
            let member = duplicate(child, true, depth + 1);
            if member.is_null() {
                delete(copy);
                return ptr::null_mut();
            }
            append(copy, member);
            child = (*child).next;
        }
        copy
    }
}
