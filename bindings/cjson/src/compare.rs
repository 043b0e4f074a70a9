//! Whether values are equal.

use libc::c_int;

use crate::edge::{bytes, guard};
use crate::node::{ARRAY, FALSE, NULL, NUMBER, OBJECT, RAW, STRING, TRUE, cJSON, kind};
use crate::tree::find;

/// Whether two values are equal; members of objects in any order.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_Compare(a: *const cJSON, b: *const cJSON, case_sensitive: c_int) -> c_int {
    // SAFETY: C's promise: NULL or living values.
    guard(0, || c_int::from(unsafe { equal(a, b, case_sensitive != 0) }))
}

unsafe fn equal(a: *const cJSON, b: *const cJSON, exact: bool) -> bool {
    // SAFETY: the promise of `cJSON_Compare`.
    unsafe {
        let (what, other) = (kind(a), kind(b));
        if a.is_null() || b.is_null() || what != other {
            return false;
        }
        match what {
            FALSE | TRUE | NULL => true,
            NUMBER => {
                let (x, y) = ((*a).valuedouble, (*b).valuedouble);
                (x - y).abs() <= x.abs().max(y.abs()) * f64::EPSILON
            }
            STRING | RAW => {
                bytes((*a).valuestring).is_some() && bytes((*a).valuestring) == bytes((*b).valuestring)
            }
            ARRAY => {
                let (mut x, mut y) = ((*a).child, (*b).child);
                while !x.is_null() && !y.is_null() {
                    if !equal(x, y, exact) {
                        return false;
                    }
                    (x, y) = ((*x).next, (*y).next);
                }
                x.is_null() && y.is_null()
            }
            OBJECT => holds(a, b, exact) && holds(b, a, exact),
            _ => false,
        }
    }
}

/// Whether every member of `b` is one of `a`.
unsafe fn holds(a: *const cJSON, b: *const cJSON, exact: bool) -> bool {
    // SAFETY: the promise of `cJSON_Compare`.
    unsafe {
        let mut member = (*b).child;
        while !member.is_null() {
            let name = bytes((*member).string).unwrap_or_default();
            let found = find(a, name, exact);
            if found.is_null() || !equal(found, member, exact) {
                return false;
            }
            member = (*member).next;
        }
        true
    }
}
