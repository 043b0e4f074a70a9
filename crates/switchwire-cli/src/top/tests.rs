//! The screen as it is drawn, and kept (`crate::snapshot`).

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use switchwire::LogLevel;

use super::action::What;
use super::app::App;
use super::keys::{Todo, press};
use super::{draw, sample};
use crate::screen::Look;
use crate::snapshot::{self, is_as_kept};

const PLAIN: Look = Look { colour: true, utf8: true };

fn screen(app: &App, columns: u16, rows: u16, look: Look) -> String {
    snapshot::screen(columns, rows, look, |frame| draw::draw(frame, app))
}

fn key(app: &mut App, code: KeyCode) -> Todo {
    press(app, KeyEvent::new(code, KeyModifiers::NONE))
}

fn keys(app: &mut App, text: &str) {
    for char in text.chars() {
        assert_eq!(key(app, KeyCode::Char(char)), Todo::Nothing);
    }
}

fn alice() -> App {
    sample::app("Alice", "1000", "1001")
}

#[test]
fn calls_rates_and_log() {
    is_as_kept("top-calls", &screen(&alice(), 120, 24, PLAIN));
}

#[test]
fn forty_columns_do() {
    is_as_kept("top-narrow", &screen(&alice(), 40, 20, PLAIN));
    // Any size is drawn.
    for (columns, rows) in [(1, 1), (3, 2), (10, 3), (250, 5), (2, 60)] {
        screen(&alice(), columns, rows, PLAIN);
    }
}

#[test]
fn without_colours_and_utf8() {
    let mut app = sample::app("Zoë", "1000", "日本");
    let drawn = screen(&app, 100, 20, Look { colour: false, utf8: false });
    assert!(drawn.is_ascii(), "{drawn}");
    is_as_kept("top-ascii", &drawn);
    key(&mut app, KeyCode::Char('?'));
    assert!(screen(&app, 60, 20, Look { colour: false, utf8: false }).is_ascii());
}

#[test]
fn a_calls_timeline() {
    let mut app = alice();
    assert_eq!(key(&mut app, KeyCode::Enter), Todo::Nothing);
    is_as_kept("top-timeline", &screen(&app, 120, 24, PLAIN));
    key(&mut app, KeyCode::Esc);
    assert!(screen(&app, 120, 24, PLAIN).contains("events a second"));
}

#[test]
fn help_and_what_read_only_leaves_of_it() {
    let mut app = alice();
    key(&mut app, KeyCode::Char('?'));
    is_as_kept("top-help", &screen(&app, 100, 24, PLAIN));
    app.read_only = true;
    let drawn = screen(&app, 100, 24, PLAIN);
    assert!(!drawn.contains("hang up") && drawn.contains("choose a call"), "{drawn}");
}

#[test]
fn nothing_is_done_without_a_y() {
    let mut app = alice();
    key(&mut app, KeyCode::Down);
    key(&mut app, KeyCode::Char('h'));
    is_as_kept("top-question", &screen(&app, 100, 24, PLAIN));
    for no in ['n', 'q', ' ', 'h'] {
        assert_eq!(key(&mut app, KeyCode::Char(no)), Todo::Nothing);
        assert!(screen(&app, 120, 24, PLAIN).contains("Nothing was done."));
        key(&mut app, KeyCode::Char('h'));
    }
    let Todo::Act(action) = key(&mut app, KeyCode::Char('y')) else { panic!("no action") };
    assert_eq!((action.what.clone(), &action.uuid[..8]), (What::HangUp, "bbbbbbbb"));
    let command = action.command().unwrap();
    assert_eq!(command.name(), "uuid_kill");
    assert_eq!(command.arguments(), "bbbbbbbb-0000-4000-8000-000000000002 NORMAL_CLEARING");
}

#[test]
fn transfer_hold_and_record_ask_for_what_they_need() {
    let mut app = alice();
    keys(&mut app, "t9196");
    key(&mut app, KeyCode::Backspace);
    key(&mut app, KeyCode::Enter);
    let Todo::Act(action) = key(&mut app, KeyCode::Char('y')) else { panic!("no action") };
    assert_eq!(action.command().unwrap().arguments(), "aaaaaaaa-0000-4000-8000-000000000001 919");
    keys(&mut app, "o");
    let Todo::Act(action) = key(&mut app, KeyCode::Char('y')) else { panic!("no action") };
    assert_eq!(action.what, What::Hold(true));
    keys(&mut app, "r");
    key(&mut app, KeyCode::Enter);
    let Todo::Act(action) = key(&mut app, KeyCode::Char('y')) else { panic!("no action") };
    assert!(matches!(&action.what, What::Record(file) if file.starts_with("/tmp/aaaaaaaa")));
    // A destination that would be two arguments is refused before it is sent.
    keys(&mut app, "t1 2\u{1b}");
    key(&mut app, KeyCode::Enter);
    if let Todo::Act(action) = key(&mut app, KeyCode::Char('y')) {
        assert!(action.command().is_err(), "{action:?}");
    }
}

#[test]
fn read_only_reaches_no_call() {
    let mut app = alice();
    app.read_only = true;
    for char in ['h', 'o', 'r', 't'] {
        assert_eq!(key(&mut app, KeyCode::Char(char)), Todo::Nothing);
        assert_eq!(key(&mut app, KeyCode::Char('y')), Todo::Nothing);
        assert!(screen(&app, 120, 24, PLAIN).contains("--read-only only watches"));
    }
}

#[test]
fn log_lines_are_chosen_by_level_and_text() {
    let mut app = alice();
    let shown = |app: &App| screen(app, 120, 24, PLAIN);
    assert!(shown(&app).contains("State Change"));
    keys(&mut app, "l");
    assert_eq!(app.log.level, LogLevel::Info);
    assert!(!shown(&app).contains("State Change") && shown(&app).contains("gateway"));
    keys(&mut app, "/Channel");
    key(&mut app, KeyCode::Enter);
    assert!(!shown(&app).contains("gateway") && shown(&app).contains("New Channel"));
}

#[test]
fn the_chosen_call_stays_chosen_while_others_go() {
    let mut app = alice();
    key(&mut app, KeyCode::End);
    assert_eq!(app.looked_at().unwrap().1.uuid, "cccccccc-0000-4000-8000-000000000003");
    let left: Vec<_> = app.legs().iter().skip(2).cloned().collect();
    app.set_legs(left, std::time::SystemTime::UNIX_EPOCH);
    assert_eq!(app.looked_at().unwrap().1.uuid, "cccccccc-0000-4000-8000-000000000003");
    app.set_legs(Vec::new(), std::time::SystemTime::UNIX_EPOCH);
    assert!(app.looked_at().is_none());
    keys(&mut app, "h");
    assert!(screen(&app, 120, 24, PLAIN).contains("No call is chosen"));
}

#[test]
fn malicious_values_are_harmless_and_bounded() {
    let wild = "\u{1b}[2J\u{1b}]0;x\u{7}a\0b\u{202e}c\u{9b}1m\r\n";
    let big = "M".repeat(1 << 20);
    for (name, number) in [(wild, wild), (&big, &big)] {
        let mut app = sample::app(name, number, number);
        for view in 0..3 {
            match view {
                1 => drop(key(&mut app, KeyCode::Enter)),
                2 => {
                    key(&mut app, KeyCode::Esc);
                    key(&mut app, KeyCode::Char('h'));
                }
                _ => {}
            }
            for columns in [40, 120] {
                let drawn = screen(&app, columns, 24, PLAIN);
                let harmful = |char: char| crate::printable::is_harmful(char) && char != '\n';
                assert!(!drawn.contains(harmful), "{drawn:?}");
            }
        }
    }
    is_as_kept("top-malicious", &screen(&sample::app(wild, wild, wild), 120, 24, PLAIN));
}
