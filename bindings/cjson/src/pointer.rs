//! `esl_cJSON_Utils.h`: JSON pointers (RFC 6901), and sorting the members of objects.

use std::cmp::Ordering;
use std::ptr;

use libc::{c_char, c_int};

use crate::edge::{bytes, guard};
use crate::node::{ARRAY, OBJECT, cJSON, kind, text};
use crate::tree::{cJSON_GetArrayItem, find};

/// The members of an array or object.
///
/// # Safety
/// NULL or a living value, whose members are not changed meanwhile.
pub(crate) unsafe fn members(value: *const cJSON) -> impl Iterator<Item = *mut cJSON> {
    // SAFETY: the caller's promise.
    unsafe {
        let mut next = value.as_ref().map_or(ptr::null_mut(), |value| value.child);
        std::iter::from_fn(move || {
            let member = next;
            next = member.as_ref()?.next;
            Some(member)
        })
    }
}

/// The name of a member.
///
/// # Safety
/// A living value.
pub(crate) unsafe fn name_of<'a>(member: *const cJSON) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { bytes((*member).string) }.unwrap_or_default()
}

/// Two names, in exactly these letters or in any case.
pub(crate) fn compare(one: &[u8], other: &[u8], exact: bool) -> Ordering {
    let lower = |name: &[u8]| name.to_ascii_lowercase();
    if exact { one.cmp(other) } else { lower(one).cmp(&lower(other)) }
}

/// A name as one step of a pointer.
pub(crate) fn encode(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for byte in name {
        match byte {
            b'~' => out.extend_from_slice(b"~0"),
            b'/' => out.extend_from_slice(b"~1"),
            other => out.push(*other),
        }
    }
}

/// The name that a step of a pointer encodes; `None` for an invalid `~`.
pub(crate) fn decode(step: &[u8]) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(step.len());
    let mut rest = step.iter();
    while let Some(byte) = rest.next() {
        name.push(match byte {
            b'~' => match rest.next() {
                Some(b'0') => b'~',
                Some(b'1') => b'/',
                _ => return None,
            },
            other => *other,
        });
    }
    Some(name)
}

/// The index that a step of a pointer is: no sign, no zero before other digits.
pub(crate) fn index(step: &[u8]) -> Option<c_int> {
    let digits = step.iter().all(u8::is_ascii_digit) && (step == b"0" || !step.starts_with(b"0"));
    std::str::from_utf8(step).ok().filter(|_| digits)?.parse().ok()
}

/// The value at a pointer; NULL when there is none.
///
/// # Safety
/// NULL or a living value.
pub(crate) unsafe fn follow(value: *mut cJSON, pointer: &[u8], exact: bool) -> *mut cJSON {
    let mut value = value;
    let mut steps = pointer.split(|byte| *byte == b'/');
    if steps.next() != Some(b"") {
        // No pointer; it leads nowhere, and the original stays where it is.
        return value;
    }
    for step in steps {
        // SAFETY: the caller's promise.
        value = unsafe {
            match kind(value) {
                ARRAY => index(step).map_or(ptr::null_mut(), |at| cJSON_GetArrayItem(value, at)),
                OBJECT => decode(step).map_or(ptr::null_mut(), |name| find(value, &name, exact)),
                _ => ptr::null_mut(),
            }
        };
    }
    value
}

unsafe fn get(object: *mut cJSON, pointer: *const c_char, exact: bool) -> *mut cJSON {
    // SAFETY: C's promises: NULL or a living value, NULL or a C string.
    guard(ptr::null_mut(), || unsafe {
        bytes(pointer).map_or(ptr::null_mut(), |pointer| follow(object, pointer, exact))
    })
}

/// The value that a pointer leads to, names in any letter case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_GetPointer(object: *mut cJSON, pointer: *const c_char) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { get(object, pointer, false) }
}

/// The value that a pointer leads to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_GetPointerCaseSensitive(
    object: *mut cJSON,
    pointer: *const c_char,
) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { get(object, pointer, true) }
}

/// The pointer that leads from one value to another in it; NULL when it is not in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_FindPointerFromObjectTo(
    object: *const cJSON,
    target: *const cJSON,
) -> *mut c_char {
    guard(ptr::null_mut(), || {
        let mut path = Vec::new();
        // SAFETY: C's promises: NULL or living values.
        let found = !object.is_null() && !target.is_null() && unsafe { search(object, target, &mut path) };
        if found { text(&path) } else { ptr::null_mut() }
    })
}

unsafe fn search(value: *const cJSON, target: *const cJSON, path: &mut Vec<u8>) -> bool {
    if ptr::eq(value, target) {
        return true;
    }
    // SAFETY: the promise of `cJSONUtils_FindPointerFromObjectTo`.
    unsafe {
        let length = path.len();
        for (at, member) in members(value).enumerate() {
            match kind(value) {
                ARRAY => path.extend_from_slice(format!("/{at}").as_bytes()),
                OBJECT => encode(name_of(member), path),
                _ => return false,
            }
            if search(member, target, path) {
                return true;
            }
            path.truncate(length);
        }
    }
    false
}

unsafe fn sort(object: *mut cJSON, exact: bool) {
    // SAFETY: C's promise: NULL or a living object.
    guard((), || unsafe {
        let mut all: Vec<_> = members(object).collect();
        all.sort_by(|one, other| compare(name_of(*one), name_of(*other), exact));
        if let Some(object) = object.as_mut() {
            object.child = ptr::null_mut();
            all.iter().for_each(|member| crate::tree::append(object, *member));
        }
    });
}

/// Sorts the members of an object by their names, in any letter case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_SortObject(object: *mut cJSON) {
    // SAFETY: the same promise.
    unsafe { sort(object, false) };
}

/// Sorts the members of an object by their names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_SortObjectCaseSensitive(object: *mut cJSON) {
    // SAFETY: the same promise.
    unsafe { sort(object, true) };
}
