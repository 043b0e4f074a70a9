//! Numbers as text, in a program whose locale has a comma for the decimal point.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::ffi::CStr;
use std::process::Command;

use cjson::node::*;
use cjson::parse::*;
use cjson::print::*;

/// What is made of a number in JSON: the number, and the text that it is written as; `None` when it is refused.
fn read(text: &str) -> Option<(f64, String)> {
    let text = std::ffi::CString::new(format!("[{text}]")).unwrap();
    // SAFETY: C strings, and nodes of the library that live until they are deleted.
    unsafe {
        let root = cJSON_Parse(text.as_ptr());
        if root.is_null() {
            return None;
        }
        let number = cJSON_GetNumberValue((*root).child);
        let printed = cJSON_PrintUnformatted(root);
        let text = CStr::from_ptr(printed).to_str().unwrap().to_owned();
        cJSON_free(printed.cast());
        cJSON_Delete(root);
        Some((number, text))
    }
}

fn numbers_are_read_and_written() {
    for (text, number, printed) in [
        ("1", 1.0, "[1]"),
        ("-1.5e3", -1500.0, "[-1500]"),
        ("5.", 5.0, "[5]"),
        ("0.1", 0.1, "[0.1]"),
        ("0.3333333333333333", 1.0 / 3.0, "[0.33333333333333331]"),
        ("123456789.125", 123_456_789.125, "[123456789.125]"),
        ("1e999", f64::INFINITY, "[null]"),
        ("1e-400", 0.0, "[0]"),
    ] {
        assert_eq!(read(text), Some((number, printed.to_owned())), "{text}");
    }
    for text in ["1,5x", "1e", "1.5.5", "0x10", "1-", ".", ".5", "inf", "nan"] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(read("1,5").unwrap().1, "[1,5]");
}

// One test, since a locale is the whole process's.
#[test]
fn the_decimal_point_is_a_point_in_every_locale() {
    numbers_are_read_and_written();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("locales");
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join("de_DE.UTF-8");
    let made = Command::new("localedef").args(["-i", "de_DE", "-f", "UTF-8"]).arg(&place).output();
    if !made.is_ok_and(|made| made.status.success()) {
        assert!(
            std::env::var_os("REQUIRE_ALL").is_none_or(|all| all != "1"),
            "localedef cannot make de_DE.UTF-8"
        );
        eprintln!("SKIPPED: localedef, or what it makes locales of, is not installed");
        return;
    }
    // SAFETY: no other thread of this process reads its environment or its locale.
    let set = unsafe {
        std::env::set_var("LOCPATH", &folder);
        libc::setlocale(libc::LC_ALL, c"de_DE.UTF-8".as_ptr())
    };
    assert!(!set.is_null(), "de_DE.UTF-8 cannot be set");
    // SAFETY: the C library's own string.
    assert_eq!(unsafe { CStr::from_ptr((*libc::localeconv()).decimal_point) }, c",");
    numbers_are_read_and_written();
}
