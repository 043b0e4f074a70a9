//! Which nodes own what, and what NULL does: no file, socket or C program is needed, so Miri can run it
//! (`cargo xtask miri`), as AddressSanitizer does (`cargo xtask sanitize`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use cjson::duplicate::cJSON_Duplicate;
use cjson::node::*;
use cjson::parse::*;
use cjson::print::*;
use cjson::tree::*;

/// A printed text, which is freed.
fn taken(text: *mut libc::c_char) -> Vec<u8> {
    assert!(!text.is_null(), "no text");
    // SAFETY: a C string that the library gave away.
    unsafe {
        let bytes = CStr::from_ptr(text).to_bytes().to_vec();
        cJSON_free(text.cast());
        bytes
    }
}

#[test]
fn null_is_refused() {
    // SAFETY: NULL is what these functions must bear.
    unsafe {
        assert!(cJSON_Parse(null()).is_null());
        assert!(cJSON_Duplicate(null(), 1).is_null());
        assert!(cJSON_PrintUnformatted(null()).is_null());
        cJSON_Delete(null_mut());
    }
}

#[test]
#[cfg_attr(miri, ignore = "numbers are printed with snprintf, which Miri does not know")]
fn json_nodes_are_freed_once() {
    // SAFETY: C strings and the test's own nodes.
    unsafe {
        let root = cJSON_Parse(c"{\"a\":[1,2.5,\"x\",null,true],\"b\":{\"c\":\"\\u00e9\\n\"}}".as_ptr());
        let copy = cJSON_Duplicate(root, 1);
        let list = cJSON_GetObjectItem(root, c"A".as_ptr());
        assert_eq!(cJSON_GetArraySize(list), 5);
        let taken_out = cJSON_DetachItemFromArray(list, 1);
        cJSON_AddItemToObject(copy, c"moved".as_ptr(), taken_out);
        cJSON_AddItemReferenceToObject(copy, c"reference".as_ptr(), list);
        // Not its first member: that is where the reference begins.
        cJSON_DeleteItemFromArray(list, 1);
        let printed = taken(cJSON_PrintUnformatted(copy));
        assert!(printed.ends_with(b"\"reference\":[1,null,true]}"), "{}", String::from_utf8_lossy(&printed));
        cJSON_Delete(copy);
        cJSON_Delete(root);
        assert!(cJSON_Parse(c"{\"a\":[1,".as_ptr()).is_null());
    }
}
