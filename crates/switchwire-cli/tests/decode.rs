//! `decode`: every recording, and broken ones.

mod support;

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use support::{Ran, capture, captures, program, run};

fn decode_bytes(bytes: &[u8], arguments: &[&str]) -> Ran {
    let mut command = program(&[&["decode"], arguments, &["-"]].concat());
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(bytes).unwrap_or_default());
        child.wait_with_output().unwrap()
    });
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Decodes a recording and compares the result with independent counts.
fn check(file: &Path, messages: usize, events: usize, leftover: usize) {
    let ran = run(&["decode", file.to_str().unwrap()]).expect(i32::from(leftover > 0));
    let summary = format!("messages: {messages} events: {events} leftover: {leftover} bytes");
    assert_eq!(ran.stderr.lines().next(), Some(&summary[..]), "{}", file.display());
    let lines = ran.json();
    assert_eq!(lines.len(), messages, "{}", file.display());
    assert_eq!(lines.iter().filter(|line| line.get("event").is_some()).count(), events, "{}", file.display());
}

/// The rows of a table, and of each the first cell and the numbers in the others.
fn rows(table: &str, separator: char) -> impl Iterator<Item = (&str, Vec<usize>)> {
    table.lines().filter_map(move |line| {
        let mut cells = line.trim_matches(separator).split(separator).map(str::trim);
        let name = cells.next()?;
        let numbers: Vec<_> = cells.map_while(|cell| cell.parse().ok()).collect();
        (numbers.len() >= 3).then_some((name, numbers))
    })
}

#[test]
fn every_recording_is_decoded() {
    let table = fs::read_to_string(captures().join("expected.tsv")).unwrap();
    let mut checked = 0;
    for (name, numbers) in rows(&table, '\t') {
        check(&captures().join(name).join("server.bin"), numbers[0], numbers[1], numbers[2]);
        checked += 1;
    }
    assert!(checked > 0);
}

/// `INDEX.md` lists sizes and counts of whole recordings. Others need not end with a message (a killed server): then
/// `decode` says where the one begins that is not whole, and has printed all before it. One that fails does not hide the
/// others.
#[test]
fn recordings_from_elsewhere_are_decoded() {
    let Some(folder) = std::env::var_os("SWITCHWIRE_EXTRA_CAPTURES").map(PathBuf::from) else { return };
    let index = fs::read_to_string(folder.join("INDEX.md")).unwrap_or_default();
    let known: HashMap<_, _> = rows(&index, '|').collect();
    let mut failed = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let file = entry.path().join("server.bin");
        let Ok(size) = file.metadata().map(|metadata| metadata.len()) else { continue };
        let name = entry.file_name().into_string().unwrap();
        let checked = std::panic::catch_unwind(|| match known.get(&*name) {
            Some(numbers) if numbers[1] as u64 == size => {
                check(&file, numbers[2], numbers[3], left_over(&file, size));
            }
            _ => drop(left_over(&file, size)),
        });
        failed.extend(checked.err().map(|_| name));
    }
    assert!(failed.is_empty(), "{} recordings failed: {failed:?}", failed.len());
}

/// How many bytes at the end begin a message that is not whole, by what `decode` says: its exit code, its summary and its
/// reason agree.
fn left_over(file: &Path, size: u64) -> usize {
    let ran = run(&["decode", file.to_str().unwrap()]);
    let summary = ran.stderr.lines().next().unwrap_or_default();
    let left: usize =
        summary.split("leftover: ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap();
    assert_eq!(ran.code, i32::from(left > 0), "{}: {ran:?}", file.display());
    if left > 0 {
        let begins = format!("at offset {})", size - left as u64);
        assert!(
            ran.stderr.contains(&begins) && ran.stderr.contains("inside a message"),
            "{}: {}",
            file.display(),
            ran.stderr
        );
        let last = fs::read(file).unwrap().split_off(usize::try_from(size).unwrap() - left);
        // (The latter begins the reply to `connect`.)
        let begins = |begin: &[u8]| last.starts_with(&begin[..left.min(begin.len())]);
        let begun = begins(b"Content-") || begins(b"Event-Name: CHANNEL_DATA\n");
        assert!(begun, "{}: no message begins there", file.display());
    }
    left
}

#[test]
fn a_message_is_printed_in_full() {
    let lines = run(&["decode", &capture("userauth_good")]).expect(0).json();
    assert_eq!(lines[0]["content_type"], "auth/request");
    assert_eq!((&lines[0]["offset"], &lines[1]["offset"]), (&Value::from(0), &Value::from(28)));
    assert_eq!(lines[0]["body"], Value::Null);
    assert_eq!(lines[1]["headers"][1], serde_json::json!(["Reply-Text", "+OK accepted"]));
    let notice = lines.last().unwrap();
    assert!(notice["body"].as_str().unwrap().starts_with("Disconnected, goodbye.\n"));
}

#[test]
fn events_keep_duplicates_arrays_and_foreign_bytes() {
    let lines = run(&["decode", &capture("weird_values")]).expect(0).json();
    let events = || lines.iter().filter_map(|line| line.get("event"));
    assert!(events().all(|event| event["name"] == "CUSTOM" && event["type"] == "CUSTOM"));
    let headers = || events().flat_map(|event| event["headers"].as_array().unwrap());
    let value =
        |name: &str| headers().filter(|header| header[0] == name).map(|header| &header[1]).next().unwrap();
    assert_eq!(value("Bad-Utf8"), &serde_json::json!({ "b64": "//6AYWJjww==" }));
    assert_eq!(value("Tab"), "a\tb");
    assert!(headers().any(|header| header[1].is_array()), "no array");
    let twice = events().any(|event| {
        let headers = event["headers"].as_array().unwrap();
        headers.iter().any(|one| headers.iter().filter(|other| other[0] == one[0]).count() > 1)
    });
    assert!(twice, "no duplicate");
}

#[test]
fn counts_are_printed_alone() {
    let ran = run(&["decode", "--counts", &capture("auth_bad")]).expect(0);
    assert_eq!((&ran.stdout[..], &ran.stderr[..]), ("messages: 3 events: 0 leftover: 0 bytes\n", ""));
}

#[test]
fn a_stream_cut_anywhere_is_reported() {
    let whole = fs::read(capture("userauth_good")).unwrap();
    let ends: Vec<u64> = {
        let lines = run(&["decode", &capture("userauth_good")]).json();
        let starts = lines.iter().skip(1).map(|line| line["offset"].as_u64().unwrap());
        starts.chain([whole.len() as u64]).collect()
    };
    for cut in (1..whole.len()).step_by(23) {
        let ran = decode_bytes(&whole[..cut], &[]);
        let complete = ends.iter().filter(|end| **end <= cut as u64).count();
        assert_eq!(ran.lines().len(), complete, "{cut}");
        let last = ends[..complete].last().copied().unwrap_or(0);
        let summary = format!("messages: {complete} events: 0 leftover: {} bytes", cut as u64 - last);
        assert!(ran.stderr.starts_with(&summary), "{cut}: {ran:?}");
        assert_eq!(ran.code, i32::from(last != cut as u64), "{cut}: {ran:?}");
    }
}

#[test]
fn a_broken_stream_is_reported() {
    let broken = decode_bytes(b"Content-Type: auth/request\n\nContent-Length: -4\n\n", &[]).expect(1);
    assert_eq!(broken.lines().len(), 1);
    assert!(broken.stderr.contains("Content-Length is negative (message at offset 28)"), "{broken:?}");
    let json = b"Content-Length: 1\nContent-Type: text/event-json\n\n{";
    let unreadable = decode_bytes(json, &[]).expect(1);
    assert!(unreadable.json()[0]["error"].is_string(), "{unreadable:?}");
    decode_bytes(b"", &["--counts"]).expect(0);
    run(&["decode", "/nonexistent/file"]).expect(1);
}
