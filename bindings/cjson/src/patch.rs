//! `esl_cJSON_Utils.h`: patches (RFC 6902) and merge patches (RFC 7396), made and applied.

use std::cmp::Ordering;
use std::ptr;

use libc::{c_char, c_int};

use crate::compare::cJSON_Compare;
use crate::duplicate::cJSON_Duplicate;
use crate::edge::{bytes, guard};
use crate::node::{
    ARRAY, NAME_IS_CONST, NUMBER, OBJECT, STRING, cJSON, cJSON_CreateArray, cJSON_CreateNull,
    cJSON_CreateObject, cJSON_Delete, cJSON_free, kind, new, text,
};
use crate::pointer::{compare, decode, encode, follow, index, members, name_of};
use crate::tree::{
    append, cJSON_DetachItemViaPointer, cJSON_GetArrayItem, cJSON_GetArraySize, cJSON_InsertItemInArray, find,
};

/// Adds an unlinked value to an object, under that name.
unsafe fn add(object: *mut cJSON, name: &[u8], value: *mut cJSON) {
    // SAFETY: the callers': a living object, a value that is in no list, or NULL.
    unsafe {
        if let Some(member) = value.as_mut() {
            if member.r#type & NAME_IS_CONST == 0 {
                cJSON_free(member.string.cast());
            }
            member.r#type &= !NAME_IS_CONST;
            member.string = text(name);
            append(object, member);
        }
    }
}

fn string(value: &[u8]) -> *mut cJSON {
    let node = new(STRING);
    if !node.is_null() {
        // SAFETY: made just now.
        unsafe { (*node).valuestring = text(value) };
    }
    node
}

/// Appends a patch.
unsafe fn compose(patches: *mut cJSON, operation: &[u8], path: &[u8], value: *const cJSON) {
    let patch = cJSON_CreateObject();
    if patch.is_null() {
        return;
    }
    // SAFETY: the callers': a living array; NULL or a living value.
    unsafe {
        add(patch, b"op", string(operation));
        add(patch, b"path", string(path));
        add(patch, b"value", cJSON_Duplicate(value, 1));
        append(patches, patch);
    }
}

/// Appends a patch to an array of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_AddPatchToArray(
    array: *mut cJSON,
    operation: *const c_char,
    path: *const c_char,
    value: *const cJSON,
) {
    // SAFETY: C's promises: NULL or living values, NULL or C strings.
    guard((), || unsafe {
        if let (false, Some(operation), Some(path)) = (array.is_null(), bytes(operation), bytes(path)) {
            compose(array, operation, path, value);
        }
    });
}

/// The members of an object, sorted by their names.
unsafe fn sorted(object: *const cJSON, exact: bool) -> Vec<*mut cJSON> {
    // SAFETY: the callers': a living object.
    unsafe {
        let mut all: Vec<_> = members(object).collect();
        all.sort_by(|one, other| compare(name_of(*one), name_of(*other), exact));
        all
    }
}

/// Pairs the members of two objects by their names: those of one, of both, of the other.
unsafe fn paired(
    from: *const cJSON,
    to: *const cJSON,
    exact: bool,
) -> Vec<(Option<*mut cJSON>, Option<*mut cJSON>)> {
    // SAFETY: the callers': living objects.
    unsafe {
        let (from, to) = (sorted(from, exact), sorted(to, exact));
        let (mut ones, mut others) = (from.into_iter().peekable(), to.into_iter().peekable());
        let mut pairs = Vec::new();
        loop {
            let order = match (ones.peek(), others.peek()) {
                (None, None) => return pairs,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => compare(name_of(*one), name_of(*other), exact),
            };
            pairs.push((
                if order.is_le() { ones.next() } else { None },
                if order.is_ge() { others.next() } else { None },
            ));
        }
    }
}

unsafe fn differences(
    patches: *mut cJSON,
    path: &mut Vec<u8>,
    from: *const cJSON,
    to: *const cJSON,
    exact: bool,
) {
    let length = path.len();
    // SAFETY: the promises of `cJSONUtils_GeneratePatches`.
    unsafe {
        match kind(from) {
            what if what != kind(to) => compose(patches, b"replace", path, to),
            NUMBER | STRING if cJSON_Compare(from, to, 1) == 0 => compose(patches, b"replace", path, to),
            ARRAY => {
                let (mut ones, mut others) = (members(from), members(to));
                let mut at = 0;
                loop {
                    let (one, other) = (ones.next(), others.next());
                    match (one, other) {
                        (None, None) => break,
                        (Some(one), Some(other)) => {
                            path.extend_from_slice(format!("/{at}").as_bytes());
                            differences(patches, path, one, other, exact);
                            at += 1;
                        }
                        // Later members move up.
                        (Some(_), None) => {
                            path.extend_from_slice(format!("/{at}").as_bytes());
                            compose(patches, b"remove", path, ptr::null());
                        }
                        (None, Some(other)) => {
                            path.extend_from_slice(b"/-");
                            compose(patches, b"add", path, other);
                        }
                    }
                    path.truncate(length);
                }
            }
            OBJECT => {
                for pair in paired(from, to, exact) {
                    encode(name_of(pair.0.or(pair.1).unwrap_or(ptr::null_mut())), path);
                    match pair {
                        (Some(one), Some(other)) => differences(patches, path, one, other, exact),
                        (Some(_), None) => compose(patches, b"remove", path, ptr::null()),
                        (None, Some(other)) => compose(patches, b"add", path, other),
                        (None, None) => {}
                    }
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }
}

unsafe fn generate(from: *const cJSON, to: *const cJSON, exact: bool) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        if from.is_null() || to.is_null() {
            return ptr::null_mut();
        }
        let patches = cJSON_CreateArray();
        if !patches.is_null() {
            // SAFETY: C's promises: living values.
            unsafe { differences(patches, &mut Vec::new(), from, to, exact) };
        }
        patches
    })
}

/// The patches that make one value of another, names in any letter case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_GeneratePatches(from: *mut cJSON, to: *mut cJSON) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { generate(from, to, false) }
}

/// The patches that make one value of another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_GeneratePatchesCaseSensitive(
    from: *mut cJSON,
    to: *mut cJSON,
) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { generate(from, to, true) }
}

/// A pointer as the one to what holds the value, and the last step.
fn split(pointer: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pointer.iter().rposition(|byte| *byte == b'/')?;
    Some((&pointer[..at], &pointer[at + 1..]))
}

/// Takes out what a pointer leads to; NULL when that is nothing, or the whole.
unsafe fn detach(object: *mut cJSON, pointer: &[u8], exact: bool) -> *mut cJSON {
    let Some((parent, _)) = split(pointer) else { return ptr::null_mut() };
    // SAFETY: the callers': a living value.
    unsafe {
        let (parent, item) = (follow(object, parent, exact), follow(object, pointer, exact));
        match parent.is_null() || item.is_null() {
            true => ptr::null_mut(),
            false => cJSON_DetachItemViaPointer(parent, item),
        }
    }
}

/// Why a patch cannot be applied: cJSON's numbers.
const NO_PATH: c_int = 2;
const NO_OPERATION: c_int = 3;
const NO_FROM: c_int = 4;
const NOTHING_AT_FROM: c_int = 5;
const NO_VALUE: c_int = 7;
const NO_PARENT: c_int = 9;
const BEHIND_THE_END: c_int = 10;
const NO_INDEX: c_int = 11;
const NOTHING_AT_PATH: c_int = 13;
const DIFFERS: c_int = 1;
const NO_PATCHES: c_int = 1;

/// Puts what another value holds in the place of what this one holds; its own name and neighbours stay.
unsafe fn overwrite(whole: *mut cJSON, with: *mut cJSON) {
    // SAFETY: the callers': a living value, and one of its own.
    unsafe {
        let (to, from) = (&mut *whole, &mut *with);
        std::mem::swap(&mut to.child, &mut from.child);
        std::mem::swap(&mut to.r#type, &mut from.r#type);
        std::mem::swap(&mut to.valuestring, &mut from.valuestring);
        (to.valueint, to.valuedouble) = (from.valueint, from.valuedouble);
        let name = |one: c_int, other: c_int| (one & !NAME_IS_CONST) | (other & NAME_IS_CONST);
        (to.r#type, from.r#type) = (name(to.r#type, from.r#type), name(from.r#type, to.r#type));
        cJSON_Delete(with);
    }
}

unsafe fn apply_one(object: *mut cJSON, patch: *const cJSON, exact: bool) -> Result<(), c_int> {
    // SAFETY: the promises of `cJSONUtils_ApplyPatches`.
    unsafe {
        let text_of = |name: &[u8]| {
            let member = find(patch, name, exact);
            if kind(member) == STRING { bytes((*member).valuestring) } else { None }
        };
        let own = |value: *mut cJSON, missing: c_int| {
            let copy = cJSON_Duplicate(value, 1);
            if copy.is_null() { Err(missing) } else { Ok(copy) }
        };
        let path = text_of(b"path").ok_or(NO_PATH)?;
        let given = find(patch, b"value", exact);
        let operation = text_of(b"op").ok_or(NO_OPERATION)?;
        let value = match operation {
            b"test" => {
                let there = follow(object, path, exact);
                return if cJSON_Compare(there, given, exact.into()) == 0 { Err(DIFFERS) } else { Ok(()) };
            }
            b"remove" if path.is_empty() => new(0),
            b"remove" | b"replace" if !path.is_empty() => {
                let value = if operation == b"remove" { ptr::null_mut() } else { own(given, NO_VALUE)? };
                let old = detach(object, path, exact);
                if old.is_null() {
                    cJSON_Delete(value);
                    return Err(NOTHING_AT_PATH);
                }
                cJSON_Delete(old);
                if value.is_null() {
                    return Ok(());
                }
                value
            }
            b"add" | b"replace" => own(given, NO_VALUE)?,
            b"move" => {
                let from = text_of(b"from").ok_or(NO_FROM)?;
                Some(detach(object, from, exact)).filter(|value| !value.is_null()).ok_or(NOTHING_AT_FROM)?
            }
            b"copy" => own(follow(object, text_of(b"from").ok_or(NO_FROM)?, exact), NOTHING_AT_FROM)?,
            _ => return Err(NO_OPERATION),
        };
        if path.is_empty() {
            overwrite(object, value);
            return Ok(());
        }
        put(object, path, value, exact).inspect_err(|_| cJSON_Delete(value))
    }
}

/// Puts a value where a pointer leads to: into an array before what is there, into an object in its place.
unsafe fn put(object: *mut cJSON, path: &[u8], value: *mut cJSON, exact: bool) -> Result<(), c_int> {
    // SAFETY: the callers': a living value, and one that is in no list.
    unsafe {
        let (parent, step) = split(path).ok_or(NO_PARENT)?;
        let parent = follow(object, parent, exact);
        match kind(parent) {
            ARRAY if step == b"-" => append(parent, value),
            ARRAY => {
                let at = index(step).ok_or(NO_INDEX)?;
                if at > cJSON_GetArraySize(parent) {
                    return Err(BEHIND_THE_END);
                }
                if cJSON_GetArrayItem(parent, at).is_null() {
                    append(parent, value);
                } else {
                    cJSON_InsertItemInArray(parent, at, value);
                }
            }
            OBJECT => {
                let name = decode(step).ok_or(NO_PARENT)?;
                let old = find(parent, &name, exact);
                if !old.is_null() {
                    cJSON_Delete(cJSON_DetachItemViaPointer(parent, old));
                }
                add(parent, &name, value);
            }
            _ => return Err(NO_PARENT),
        }
        Ok(())
    }
}

unsafe fn apply(object: *mut cJSON, patches: *const cJSON, exact: bool) -> c_int {
    // SAFETY: C's promises: NULL or living values, one not in the other.
    guard(NO_PATCHES, || unsafe {
        if object.is_null() || kind(patches) != ARRAY {
            return NO_PATCHES;
        }
        let result = members(patches).try_for_each(|patch| apply_one(object, patch, exact));
        result.err().unwrap_or(0)
    })
}

/// Applies patches, names in any letter case; 0, or why it stopped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_ApplyPatches(object: *mut cJSON, patches: *const cJSON) -> c_int {
    // SAFETY: the same promises.
    unsafe { apply(object, patches, false) }
}

/// Applies patches; 0, or why it stopped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_ApplyPatchesCaseSensitive(
    object: *mut cJSON,
    patches: *const cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { apply(object, patches, true) }
}

unsafe fn merge(target: *mut cJSON, patch: *const cJSON, exact: bool) -> *mut cJSON {
    // SAFETY: the promises of `cJSONUtils_MergePatch`.
    unsafe {
        if kind(patch) != OBJECT {
            cJSON_Delete(target);
            return cJSON_Duplicate(patch, 1);
        }
        let mut target = target;
        if kind(target) != OBJECT {
            cJSON_Delete(target);
            target = cJSON_CreateObject();
        }
        if target.is_null() {
            return target;
        }
        for member in members(patch) {
            let name = name_of(member);
            let old = find(target, name, exact);
            let old = if old.is_null() { old } else { cJSON_DetachItemViaPointer(target, old) };
            if kind(member) == crate::node::NULL {
                cJSON_Delete(old);
            } else {
                add(target, name, merge(old, member, exact));
            }
        }
        target
    }
}

/// Merges a patch into a value, with names in any letter case. Consumes the value and returns the result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_MergePatch(target: *mut cJSON, patch: *const cJSON) -> *mut cJSON {
    // SAFETY: C's promises: NULL or living values, one not in the other.
    guard(ptr::null_mut(), || unsafe { merge(target, patch, false) })
}

/// Merges a patch into a value. Consumes the value and returns the result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_MergePatchCaseSensitive(
    target: *mut cJSON,
    patch: *const cJSON,
) -> *mut cJSON {
    // SAFETY: as above.
    guard(ptr::null_mut(), || unsafe { merge(target, patch, true) })
}

unsafe fn generate_merge(from: *const cJSON, to: *const cJSON, exact: bool) -> *mut cJSON {
    // SAFETY: the promises of `cJSONUtils_GenerateMergePatch`.
    unsafe {
        if to.is_null() {
            return cJSON_CreateNull();
        }
        if kind(to) != OBJECT || kind(from) != OBJECT {
            return cJSON_Duplicate(to, 1);
        }
        let patch = cJSON_CreateObject();
        if patch.is_null() {
            return patch;
        }
        for (one, other) in paired(from, to, exact) {
            match (one, other) {
                (Some(one), None) => add(patch, name_of(one), cJSON_CreateNull()),
                (None, Some(other)) => add(patch, name_of(other), cJSON_Duplicate(other, 1)),
                (Some(one), Some(other)) if cJSON_Compare(one, other, exact.into()) == 0 => {
                    add(patch, name_of(other), generate_merge(one, other, exact));
                }
                _ => {}
            }
        }
        if (*patch).child.is_null() {
            cJSON_Delete(patch);
            return ptr::null_mut();
        }
        patch
    }
}

/// The merge patch that makes one value of another, names in any letter case; NULL when they are equal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_GenerateMergePatch(from: *mut cJSON, to: *mut cJSON) -> *mut cJSON {
    // SAFETY: C's promises: NULL or living values.
    guard(ptr::null_mut(), || unsafe { generate_merge(from, to, false) })
}

/// The merge patch that makes one value of another; NULL when they are equal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSONUtils_GenerateMergePatchCaseSensitive(
    from: *mut cJSON,
    to: *mut cJSON,
) -> *mut cJSON {
    // SAFETY: as above.
    guard(ptr::null_mut(), || unsafe { generate_merge(from, to, true) })
}
