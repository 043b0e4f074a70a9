//! Members of arrays and objects.

use std::ptr;

use libc::{c_char, c_double, c_float, c_int};

use crate::edge::{bytes, guard};
use crate::node::{
    self, ARRAY, IS_REFERENCE, NAME_IS_CONST, cJSON, cJSON_CreateArray, cJSON_CreateBool, cJSON_CreateFalse,
    cJSON_CreateNull, cJSON_CreateNumber, cJSON_CreateObject, cJSON_CreateRaw, cJSON_CreateString,
    cJSON_CreateTrue, cJSON_Delete, cJSON_free,
};

/// Appends a member.
///
/// # Safety
/// Living nodes; the member is in no list.
pub(crate) unsafe fn append(parent: *mut cJSON, member: *mut cJSON) {
    // SAFETY: the caller's promise; the first member's `prev` is the last one.
    unsafe {
        (*member).next = ptr::null_mut();
        let first = (*parent).child;
        if first.is_null() {
            (*member).prev = member;
            (*parent).child = member;
        } else {
            let mut last = (*first).prev;
            if last.is_null() || !(*last).next.is_null() {
                // A list that a program made by hand.
                last = first;
                while !(*last).next.is_null() {
                    last = (*last).next;
                }
            }
            (*last).next = member;
            (*member).prev = last;
            (*first).prev = member;
        }
    }
}

/// The member of that name; NULL when there is none.
///
/// # Safety
/// NULL or a living node.
pub(crate) unsafe fn find(object: *const cJSON, name: &[u8], exact: bool) -> *mut cJSON {
    // SAFETY: the caller's promise.
    unsafe {
        let Some(object) = object.as_ref() else { return ptr::null_mut() };
        let mut member = object.child;
        while !member.is_null() {
            if bytes((*member).string).is_some_and(|own| match exact {
                true => own == name,
                false => own.eq_ignore_ascii_case(name),
            }) {
                return member;
            }
            member = (*member).next;
        }
        ptr::null_mut()
    }
}

unsafe fn find_c(object: *const cJSON, name: *const c_char, exact: bool) -> *mut cJSON {
    // SAFETY: C's promises: NULL or a living object, NULL or a C string.
    guard(ptr::null_mut(), || unsafe {
        bytes(name).map_or(ptr::null_mut(), |name| find(object, name, exact))
    })
}

/// How many members there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetArraySize(array: *const cJSON) -> c_int {
    guard(0, || {
        let mut count = 0;
        // SAFETY: C's promise: NULL or a living array.
        unsafe {
            let mut member = array.as_ref().map_or(ptr::null_mut(), |array| array.child);
            while !member.is_null() {
                count += 1;
                member = (*member).next;
            }
        }
        count
    })
}

/// The member with that number; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetArrayItem(array: *const cJSON, index: c_int) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        // SAFETY: C's promise: NULL or a living array.
        unsafe {
            let Some(array) = array.as_ref().filter(|_| index >= 0) else { return ptr::null_mut() };
            let mut member = array.child;
            for _ in 0..index {
                if member.is_null() {
                    break;
                }
                member = (*member).next;
            }
            member
        }
    })
}

/// The member of that name, in any letter case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetObjectItem(object: *const cJSON, string: *const c_char) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { find_c(object, string, false) }
}

/// The member of exactly that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetObjectItemCaseSensitive(
    object: *const cJSON,
    string: *const c_char,
) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { find_c(object, string, true) }
}

/// Whether there is a member of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_HasObjectItem(object: *const cJSON, string: *const c_char) -> c_int {
    // SAFETY: the same promises.
    c_int::from(!unsafe { find_c(object, string, false) }.is_null())
}

/// The text of the member of that name, when it is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetObjectCstr(object: *const cJSON, string: *const c_char) -> *const c_char {
    // SAFETY: the same promises.
    unsafe { node::cJSON_GetStringValue(find_c(object, string, false)) }
}

/// Appends a member.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_AddItemToArray(array: *mut cJSON, item: *mut cJSON) -> c_int {
    guard(0, || {
        if array.is_null() || item.is_null() || ptr::eq(array, item) {
            return 0;
        }
        // SAFETY: C's promise: living values, the item in no list.
        unsafe { append(array, item) };
        1
    })
}

/// Gives a value a name; `constant` ones stay the program's.
unsafe fn name_it(item: *mut cJSON, name: *const c_char, constant: bool) -> bool {
    // SAFETY: C's promises: a living value, a C string or NULL.
    unsafe {
        let Some(own) = bytes(name) else { return false };
        let fresh = if constant { name.cast_mut() } else { node::text(own) };
        if (*item).r#type & NAME_IS_CONST == 0 {
            cJSON_free((*item).string.cast());
        }
        (*item).string = fresh;
        let flags = (*item).r#type & !NAME_IS_CONST;
        (*item).r#type = if constant { flags | NAME_IS_CONST } else { flags };
        !fresh.is_null()
    }
}

unsafe fn add(object: *mut cJSON, name: *const c_char, item: *mut cJSON, constant: bool) -> c_int {
    guard(0, || {
        // SAFETY: C's promises: living values, a C string or NULL.
        unsafe {
            if object.is_null() || item.is_null() || ptr::eq(object, item) || !name_it(item, name, constant) {
                return 0;
            }
            append(object, item);
        }
        1
    })
}

/// Appends a member, its name copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_AddItemToObject(
    object: *mut cJSON,
    string: *const c_char,
    item: *mut cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { add(object, string, item, false) }
}

/// Appends a member, its name staying the program's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_AddItemToObjectCS(
    object: *mut cJSON,
    string: *const c_char,
    item: *mut cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { add(object, string, item, true) }
}

/// A node that shows another's value.
unsafe fn refer(item: *const cJSON) -> *mut cJSON {
    // SAFETY: C's promise: NULL or a living value.
    unsafe {
        let Some(from) = item.as_ref() else { return ptr::null_mut() };
        let fresh = node::new(from.r#type | IS_REFERENCE);
        if !fresh.is_null() {
            (*fresh).r#type &= !NAME_IS_CONST;
            (*fresh).child = from.child;
            (*fresh).valuestring = from.valuestring;
            (*fresh).valueint = from.valueint;
            (*fresh).valuedouble = from.valuedouble;
        }
        fresh
    }
}

/// Appends a member that stays another's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_AddItemReferenceToArray(array: *mut cJSON, item: *mut cJSON) -> c_int {
    // SAFETY: the same promises.
    unsafe { if array.is_null() { 0 } else { cJSON_AddItemToArray(array, refer(item)) } }
}

/// Appends a member that stays another's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_AddItemReferenceToObject(
    object: *mut cJSON,
    string: *const c_char,
    item: *mut cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { if object.is_null() || string.is_null() { 0 } else { add(object, string, refer(item), false) } }
}

unsafe fn add_fresh(object: *mut cJSON, name: *const c_char, fresh: *mut cJSON) -> *mut cJSON {
    // SAFETY: C's promises: NULL or a living object, NULL or a C string; the value is new.
    unsafe {
        if add(object, name, fresh, false) != 0 {
            return fresh;
        }
        cJSON_Delete(fresh);
    }
    ptr::null_mut()
}

macro_rules! add_to_object {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*) = $make:ident;)*) => {
        $($(#[$doc])* #[unsafe(no_mangle)] #[allow(unused_unsafe, reason = "some makers are safe")]
        pub unsafe extern "C" fn $name(object: *mut cJSON, name: *const c_char, $($argument: $kind),*) -> *mut cJSON {
            // SAFETY: the same promises.
            unsafe { add_fresh(object, name, $make($($argument),*)) }
        })*
    };
}

add_to_object! {
    /// Appends `null` and returns it.
    cJSON_AddNullToObject() = cJSON_CreateNull;
    /// Appends `true` and returns it.
    cJSON_AddTrueToObject() = cJSON_CreateTrue;
    /// Appends `false` and returns it.
    cJSON_AddFalseToObject() = cJSON_CreateFalse;
    /// Appends a boolean and returns it.
    cJSON_AddBoolToObject(boolean: c_int) = cJSON_CreateBool;
    /// Appends a number and returns it.
    cJSON_AddNumberToObject(number: c_double) = cJSON_CreateNumber;
    /// Appends a string and returns it.
    cJSON_AddStringToObject(string: *const c_char) = cJSON_CreateString;
    /// Appends raw text and returns it.
    cJSON_AddRawToObject(raw: *const c_char) = cJSON_CreateRaw;
    /// Appends an object and returns it.
    cJSON_AddObjectToObject() = cJSON_CreateObject;
    /// Appends an array and returns it.
    cJSON_AddArrayToObject() = cJSON_CreateArray;
}

/// Takes a member out of its list; it is the program's then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DetachItemViaPointer(parent: *mut cJSON, item: *mut cJSON) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        if parent.is_null() || item.is_null() {
            return ptr::null_mut();
        }
        // SAFETY: C's promise: a living member of a living list.
        unsafe {
            let (next, prev) = ((*item).next, (*item).prev);
            if ptr::eq((*parent).child, item) {
                (*parent).child = next;
                if !next.is_null() {
                    (*next).prev = prev;
                }
            } else {
                if !prev.is_null() {
                    (*prev).next = next;
                }
                if next.is_null() {
                    (*(*parent).child).prev = prev;
                } else {
                    (*next).prev = prev;
                }
            }
            (*item).next = ptr::null_mut();
            (*item).prev = ptr::null_mut();
        }
        item
    })
}

/// Takes a member out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DetachItemFromArray(array: *mut cJSON, which: c_int) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { cJSON_DetachItemViaPointer(array, cJSON_GetArrayItem(array, which)) }
}

/// Takes a member out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DetachItemFromObject(object: *mut cJSON, string: *const c_char) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { cJSON_DetachItemViaPointer(object, find_c(object, string, false)) }
}

/// Takes a member of exactly that name out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DetachItemFromObjectCaseSensitive(
    object: *mut cJSON,
    string: *const c_char,
) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { cJSON_DetachItemViaPointer(object, find_c(object, string, true)) }
}

/// Takes a member out and frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DeleteItemFromArray(array: *mut cJSON, which: c_int) {
    // SAFETY: the same promises.
    unsafe { cJSON_Delete(cJSON_DetachItemFromArray(array, which)) };
}

/// Takes a member out and frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DeleteItemFromObject(object: *mut cJSON, string: *const c_char) {
    // SAFETY: the same promises.
    unsafe { cJSON_Delete(cJSON_DetachItemFromObject(object, string)) };
}

/// Takes a member of exactly that name out and frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_DeleteItemFromObjectCaseSensitive(object: *mut cJSON, string: *const c_char) {
    // SAFETY: the same promises.
    unsafe { cJSON_Delete(cJSON_DetachItemFromObjectCaseSensitive(object, string)) };
}

/// Puts a member before the one with that number, else last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_InsertItemInArray(
    array: *mut cJSON,
    which: c_int,
    newitem: *mut cJSON,
) -> c_int {
    guard(0, || {
        if array.is_null() || newitem.is_null() || which < 0 {
            return 0;
        }
        // SAFETY: C's promises: a living array, a value that is in no list.
        unsafe {
            let after = cJSON_GetArrayItem(array, which);
            if after.is_null() {
                return cJSON_AddItemToArray(array, newitem);
            }
            (*newitem).next = after;
            (*newitem).prev = (*after).prev;
            if ptr::eq((*array).child, after) {
                (*array).child = newitem;
            } else {
                (*(*newitem).prev).next = newitem;
            }
            (*after).prev = newitem;
        }
        1
    })
}

/// Puts a value where another was, which is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ReplaceItemViaPointer(
    parent: *mut cJSON,
    item: *mut cJSON,
    replacement: *mut cJSON,
) -> c_int {
    guard(0, || {
        if parent.is_null() || item.is_null() || replacement.is_null() {
            return 0;
        }
        if ptr::eq(item, replacement) {
            return 1;
        }
        // SAFETY: C's promises: a living member of a living list, a value that is in no list.
        unsafe {
            let (next, prev) = ((*item).next, (*item).prev);
            let was_first = ptr::eq((*parent).child, item);
            (*replacement).next = next;
            (*replacement).prev = if was_first && next.is_null() { replacement } else { prev };
            if was_first {
                (*parent).child = replacement;
            } else if !prev.is_null() {
                (*prev).next = replacement;
            }
            if !next.is_null() {
                (*next).prev = replacement;
            } else if !was_first {
                (*(*parent).child).prev = replacement;
            }
            (*item).next = ptr::null_mut();
            (*item).prev = ptr::null_mut();
            cJSON_Delete(item);
        }
        1
    })
}

/// Puts a value where the one with that number was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ReplaceItemInArray(
    array: *mut cJSON,
    which: c_int,
    newitem: *mut cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { cJSON_ReplaceItemViaPointer(array, cJSON_GetArrayItem(array, which), newitem) }
}

unsafe fn replace(object: *mut cJSON, name: *const c_char, fresh: *mut cJSON, exact: bool) -> c_int {
    guard(0, || {
        // SAFETY: C's promises: NULL or living values, NULL or a C string.
        unsafe {
            let member = find_c(object, name, exact);
            if fresh.is_null() || member.is_null() || !name_it(fresh, name, false) {
                return 0;
            }
            cJSON_ReplaceItemViaPointer(object, member, fresh)
        }
    })
}

/// Puts a value where the one of that name was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ReplaceItemInObject(
    object: *mut cJSON,
    string: *const c_char,
    newitem: *mut cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { replace(object, string, newitem, false) }
}

/// Puts a value where the one of exactly that name was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_ReplaceItemInObjectCaseSensitive(
    object: *mut cJSON,
    string: *const c_char,
    newitem: *mut cJSON,
) -> c_int {
    // SAFETY: the same promises.
    unsafe { replace(object, string, newitem, true) }
}

/// An array of what `make` makes of each of `count` things.
unsafe fn array_of<T: Copy>(things: *const T, count: c_int, make: impl Fn(T) -> *mut cJSON) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        let Ok(count) = usize::try_from(count) else { return ptr::null_mut() };
        if things.is_null() {
            return ptr::null_mut();
        }
        let array = node::new(ARRAY);
        // SAFETY: C's promise: that many things; the values are new.
        unsafe {
            for at in 0..count {
                let member = make(*things.add(at));
                if array.is_null() || member.is_null() {
                    cJSON_Delete(member);
                    cJSON_Delete(array);
                    return ptr::null_mut();
                }
                append(array, member);
            }
        }
        array
    })
}

/// An array of numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateIntArray(numbers: *const c_int, count: c_int) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { array_of(numbers, count, |number| cJSON_CreateNumber(number.into())) }
}

/// An array of numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateFloatArray(numbers: *const c_float, count: c_int) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { array_of(numbers, count, |number| cJSON_CreateNumber(number.into())) }
}

/// An array of numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateDoubleArray(numbers: *const c_double, count: c_int) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { array_of(numbers, count, |number| cJSON_CreateNumber(number)) }
}

/// An array of strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateStringArray(strings: *const *const c_char, count: c_int) -> *mut cJSON {
    // SAFETY: the same promises.
    unsafe { array_of(strings, count, |string| cJSON_CreateString(string)) }
}
