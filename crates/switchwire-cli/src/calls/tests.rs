//! The table as it is drawn, and kept (`crate::snapshot`).

use super::table;
use crate::screen::Look;
use crate::snapshot::{is_as_kept, screen};
use crate::top::sample;

const PLAIN: Look = Look { colour: true, utf8: true };

/// The screen of `calls`: two legs that talk, one that rings.
fn drawn(name: &str, number: &str, columns: u16, several: bool, look: Look) -> String {
    let rows = sample::app(name, number, number).rows;
    screen(columns, 8, look, |frame| table::draw(frame, &rows, several, "", &mut 0))
}

#[test]
fn the_table() {
    is_as_kept("calls", &drawn("Alice", "1000", 120, false, PLAIN));
    is_as_kept("calls-of-several", &drawn("Alice", "1000", 120, true, PLAIN));
}

#[test]
fn forty_columns_do() {
    is_as_kept("calls-narrow", &drawn("Alice", "1000", 40, false, PLAIN));
    for columns in [1, 2, 9, 300] {
        drawn("Alice", "1000", columns, true, PLAIN);
    }
}

#[test]
fn without_colours_and_utf8() {
    let drawn = drawn("Zoë 日本", "1000", 120, false, Look { colour: false, utf8: false });
    assert!(drawn.is_ascii(), "{drawn}");
    is_as_kept("calls-ascii", &drawn);
}

#[test]
fn malicious_values_are_harmless_and_bounded() {
    let wild = "\u{1b}[2J\u{1b}]0;x\u{7}a\0b\u{202e}c\u{9b}1m\r\n";
    is_as_kept("calls-malicious", &drawn(wild, wild, 120, false, PLAIN));
    let big = "M".repeat(1 << 20);
    for text in [wild, &big] {
        let drawn = drawn(text, text, 40, false, PLAIN);
        assert!(!drawn.contains(|char| crate::printable::is_harmful(char) && char != '\n'), "{drawn:?}");
    }
}
