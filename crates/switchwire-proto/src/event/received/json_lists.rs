//! The parts of a flat JSON text that has lists among its members: runs of members without, which the quick pass takes, and the
//! lists. One recorded event in eighteen has some.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memmem, memrchr};

use super::json::{is_printable, pass_list};
use super::json_escapes::is_escaped;
use super::json_scan::Member;

/// A part of the members of a text.
pub(super) enum Part {
    /// Members that have no list among them, if the quick pass finds that they are members.
    Run(Range<usize>),
    /// A member whose value is a list of strings.
    List(Member),
}

/// Passes on the parts in order; `None` when the text is anything else, or needs the slower walk: then what was passed on is to
/// be forgotten.
pub(super) fn each_part(
    text: &[u8],
    members: Range<usize>,
    mut each: impl FnMut(Part) -> Option<()>,
) -> Option<()> {
    let run = |run: Range<usize>| (!run.is_empty()).then_some(Part::Run(run));
    let mut at = members.start;
    while let Some(found) = LIST.find(&text[at..members.end]) {
        let list = list_named_before(text, at, at + found)?;
        let (opening, after) = (list.name.0 - 1, list.value.1);
        if opening > at {
            // A comma stands between, and is not all.
            each(run(at..opening - 1)?)?;
        }
        each(Part::List(list))?;
        match text.get(after)? {
            b'}' if after == members.end => return Some(()),
            b',' => at = after + 1,
            _ => return None,
        }
    }
    each(run(at..members.end)?)
}

/// The list whose name's closing quote is at `closing`, as far as can be seen from there: it holds if what is before it from `at`
/// on is members.
fn list_named_before(text: &[u8], at: usize, closing: usize) -> Option<Member> {
    let start = at + memrchr(b'"', &text[at..closing])? + 1;
    let is_first = start == at + 1;
    if start == closing || !(is_first || text[start - 2] == b',') || is_escaped(&text[start..closing]) {
        return None;
    }
    let list = closing + 2;
    let after = pass_list(text, list)?;
    let escaped = is_escaped(&text[list..after]);
    let member = Member { name: (start, closing), value: (list, after), escaped, list: true };
    is_printable(&text[start..after]).then_some(member)
}

static LIST: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\":["));

#[cfg(test)]
mod tests {
    use super::super::json::walk;
    use super::super::json_scan::{members, scan_members};
    use super::*;
    use crate::simd::tests::on_every_level;
    use crate::simd::widest;

    type Found = Vec<((usize, usize), (usize, usize), bool, bool)>;

    /// The members by their parts.
    fn by_parts(text: &[u8]) -> Option<Found> {
        let mut found = Found::new();
        each_part(text, members(text)?, |part| match part {
            Part::Run(members) => {
                let mut note = |it: Member| found.push((it.name, it.value, it.escaped, it.list));
                widest!(simd => scan_members(simd, text, members, &mut note))
            }
            Part::List(it) => {
                found.push((it.name, it.value, it.escaped, it.list));
                Some(())
            }
        })?;
        Some(found)
    }

    fn one_by_one(text: &[u8]) -> Option<Found> {
        let mut found = Found::new();
        walk(text, |it| found.push((it.name, it.value, it.escaped, it.list)))?;
        Some(found)
    }

    #[test]
    fn parts_hold_the_members_that_the_walk_finds_and_nothing_else() {
        let members = [
            r#""A":"1""#,
            r#""A":["1","2"]"#,
            r#""L":[]"#,
            r#""L":["x\n\"",""]"#,
            r#""A":"","_body":"b""#,
            r#""A":"a\":[\"b""#,
            r#""A":",\"L\":[\"x\"]""#,
            // None of them members.
            "",
            r#""A":"x,":["y"]"#,
            r#""A":"b,"L":["x"]"#,
            r#""":["x"]"#,
            r#""A\"":["x"]"#,
            r#""A":["x",1]"#,
            r#""A":["x""#,
            r#""A":["\u0041"]"#,
            "\"A\":[\"\n\"]",
            r#""A":["x"] "#,
            r#":["x"]"#,
            r#""A":[["x"]]"#,
        ];
        let long = format!(r#""Long":"{}""#, "x".repeat(70));
        let mut read = 0;
        for first in members.iter().chain([&&*long]) {
            for second in members {
                for third in members {
                    for text in [
                        format!("{{{first},{second},{third}}}"),
                        format!("{{{first},{second},{third}"),
                        format!("{{{first}}}"),
                    ] {
                        let wanted = one_by_one(text.as_bytes());
                        on_every_level(|| {
                            let found = by_parts(text.as_bytes());
                            assert!(found.is_none() || found == wanted, "{text}");
                        });
                        read += usize::from(by_parts(text.as_bytes()).is_some());
                    }
                }
            }
        }
        assert!(read > 300, "{read}");
    }

    #[test]
    fn lists_as_servers_send_them_are_found_by_parts() {
        let text = br#"{"Event-Name":"X","A":["1","2"],"B":"b","C":[],"D":["\""]}"#;
        let found = by_parts(text).expect("parts");
        assert_eq!(Some(&found), one_by_one(text).as_ref());
        assert_eq!(found.iter().map(|it| it.3).collect::<Vec<_>>(), [false, true, false, true, true]);
    }
}
