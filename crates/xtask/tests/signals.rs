//! The signals that tests are started with.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failure here is the message")]

use std::process::Command;

/// The mask of ignored signals of a program that xtask starts, where a shell started that after `before`.
fn ignored(before: &str) -> u64 {
    let script = format!("{before} exec \"$0\" run grep SigIgn /proc/self/status");
    let output = Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_xtask")]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or_else(|| panic!("{text}"));
    u64::from_str_radix(mask.trim(), 16).unwrap()
}

#[test]
fn programs_are_started_with_the_default_even_where_interrupts_are_ignored() {
    const INT_AND_QUIT: u64 = 0b110;
    const HUP: u64 = 1;
    assert_eq!(ignored("trap '' INT QUIT;") & INT_AND_QUIT, 0);
    assert_eq!(ignored("") & INT_AND_QUIT, 0);
    // SIGHUP stays ignored, as `nohup` requests.
    assert_eq!(ignored("trap '' HUP INT;") & (HUP | INT_AND_QUIT), HUP);
}
