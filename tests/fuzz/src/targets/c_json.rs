//! The cJSON interface.
#![allow(unsafe_code, reason = "calls C's interface as C does")]

use cjson::duplicate::cJSON_Duplicate;
use cjson::node::*;
use cjson::parse::*;
use cjson::print::*;
use cjson::tree::*;

use super::c_see::{c, taken};

/// The text is read (as a C string, and with its length), copied, printed in three ways, taken apart and put together:
/// what is printed is read again as the same, and the copy is equal.
///
/// # Panics
/// When that does not hold.
pub fn c_json(input: &[u8]) {
    let input = &input[..input.len().min(MOST)];
    // SAFETY: C strings; nodes are freed once, here.
    unsafe {
        minify(input);
        let with_length = cJSON_ParseWithLength(input.as_ptr().cast(), input.len());
        if !with_length.is_null() {
            check(with_length);
            cJSON_Delete(with_length);
        }
        let text = c(input);
        let root = cJSON_Parse(text.as_ptr());
        if root.is_null() {
            assert!(!cJSON_GetErrorPtr().is_null(), "no place is given for the error");
            return;
        }
        check(root);
        edit(root);
        check(root);
        cJSON_Delete(root);
    }
}

/// # Safety
/// A living tree.
unsafe fn check(root: *mut cJSON) {
    // SAFETY: the caller's promise.
    unsafe {
        let copy = cJSON_Duplicate(root, 1);
        assert!(!copy.is_null(), "no copy");
        let printed = taken(cJSON_PrintUnformatted(root)).expect("it cannot be printed");
        assert_eq!(taken(cJSON_PrintUnformatted(copy)).as_ref(), Some(&printed), "the copy differs");
        let pretty = taken(cJSON_Print(root)).expect("it cannot be printed");
        assert_eq!(taken(cJSON_PrintBuffered(root, 1, 0)).as_ref(), Some(&printed));
        let mut room = vec![0u8; printed.len() + 64];
        let size = i32::try_from(room.len()).unwrap_or(0);
        assert_ne!(cJSON_PrintPreallocated(root, room.as_mut_ptr().cast(), size, 0), 0, "it does not fit");
        assert_eq!(room.split(|byte| *byte == 0).next(), Some(&printed[..]));
        cJSON_PrintPreallocated(root, room.as_mut_ptr().cast(), size / 2, 0);
        for text in [printed, pretty] {
            let again = cJSON_Parse(c(&text).as_ptr());
            assert!(!again.is_null(), "what was printed cannot be read: {}", String::from_utf8_lossy(&text));
            let twice = taken(cJSON_PrintUnformatted(again));
            let root_again = taken(cJSON_PrintUnformatted(root));
            assert_eq!(twice, root_again, "what was printed is read as something else");
            cJSON_Delete(again);
        }
        cJSON_Delete(copy);
    }
}

/// Moves the first member to the end, replaces one and deletes one.
///
/// # Safety
/// A living tree.
unsafe fn edit(root: *mut cJSON) {
    // SAFETY: the caller's promise; what is detached is put back or freed.
    unsafe {
        let count = cJSON_GetArraySize(root);
        if cJSON_IsArray(root) != 0 {
            let first = cJSON_DetachItemFromArray(root, 0);
            if !first.is_null() {
                cJSON_AddItemToArray(root, first);
            }
            assert_eq!(cJSON_GetArraySize(root), count);
            let fresh = cJSON_CreateString(c"new".as_ptr());
            if cJSON_ReplaceItemInArray(root, count / 2, fresh) != 0 {
                cJSON_DeleteItemFromArray(root, count / 3);
                assert_eq!(cJSON_GetArraySize(root), count - 1);
            } else {
                cJSON_Delete(fresh);
            }
            let inserted = cJSON_CreateNumber(1.5);
            if cJSON_InsertItemInArray(root, 0, inserted) == 0 {
                cJSON_Delete(inserted);
            }
        } else if cJSON_IsObject(root) != 0 {
            cJSON_AddItemToObject(root, c"Added".as_ptr(), cJSON_CreateString(c"a\"\n".as_ptr()));
            assert_eq!(cJSON_GetArraySize(root), count + 1);
            assert_ne!(cJSON_HasObjectItem(root, c"aDDED".as_ptr()), 0);
            cJSON_ReplaceItemInObject(root, c"added".as_ptr(), cJSON_CreateNull());
            cJSON_DeleteItemFromObjectCaseSensitive(root, c"Event-Name".as_ptr());
            let detached = cJSON_DetachItemFromObject(root, c"_body".as_ptr());
            cJSON_Delete(detached);
        }
    }
}

/// Works in place, on any text.
fn minify(input: &[u8]) {
    let mut text = c(input).into_bytes_with_nul();
    let before = text.len();
    // SAFETY: a C string that may be written to.
    unsafe { cJSON_Minify(text.as_mut_ptr().cast()) };
    assert!(text.iter().position(|byte| *byte == 0).is_some_and(|end| end < before));
}

const MOST: usize = 16 << 10;
