//! What keys do.

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use switchwire::CallState;

use super::action::{Action, What};
use super::app::{App, Input, View};
use crate::screen;

/// What follows from a key beside another screen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    Nothing,
    End,
    Act(Action),
}

/// Carries a key out.
pub(crate) fn press(app: &mut App, key: KeyEvent) -> Todo {
    match std::mem::replace(&mut app.view, View::Calls) {
        View::Input(input, text) => typed(app, key, input, text),
        // Only a y does it; anything else goes back.
        View::Confirm(action) => match key.code {
            KeyCode::Char('y' | 'Y') => Todo::Act(action),
            _ => {
                app.say("Nothing was done.");
                Todo::Nothing
            }
        },
        View::Help => Todo::Nothing,
        View::Timeline { legs, scroll } => {
            let scroll = match key.code {
                KeyCode::Up | KeyCode::Char('k') => scroll.saturating_sub(1),
                KeyCode::Down | KeyCode::Char('j') => scroll + 1,
                KeyCode::PageUp => scroll.saturating_sub(PAGE),
                KeyCode::PageDown => scroll + PAGE,
                KeyCode::Home => 0,
                KeyCode::Esc | KeyCode::Enter | KeyCode::Backspace => return Todo::Nothing,
                _ => scroll,
            };
            app.view = View::Timeline { legs, scroll };
            command(app, key)
        }
        View::Calls => match key.code {
            KeyCode::Up | KeyCode::Char('k') => select(app, -1),
            KeyCode::Down | KeyCode::Char('j') => select(app, 1),
            KeyCode::PageUp => select(app, -10),
            KeyCode::PageDown => select(app, 10),
            KeyCode::Home => select(app, isize::MIN),
            KeyCode::End => select(app, isize::MAX),
            KeyCode::Enter => {
                app.open_timeline();
                Todo::Nothing
            }
            _ => command(app, key),
        },
    }
}

fn select(app: &mut App, by: isize) -> Todo {
    app.select(by);
    Todo::Nothing
}

/// Keys that mean the same for a chosen call and its timeline.
fn command(app: &mut App, key: KeyEvent) -> Todo {
    if screen::ends(key) {
        return Todo::End;
    }
    match key.code {
        KeyCode::Char('?') => app.view = View::Help,
        KeyCode::Char('l') => app.log.next_level(),
        KeyCode::Char('/') => app.view = View::Input(Input::LogText, app.log.text.clone()),
        KeyCode::Esc => {
            app.log.text.clear();
            app.say("");
        }
        KeyCode::Char('h' | 'o' | 'r' | 't') if app.read_only => {
            app.say("Nothing was done: --read-only only watches.");
        }
        KeyCode::Char('h') => confirm(app, |_| What::HangUp),
        KeyCode::Char('o') => confirm(app, |held| What::Hold(!held)),
        KeyCode::Char('t') => input(app, Input::Transfer, |_| String::new()),
        KeyCode::Char('r') => input(app, Input::Record, |uuid| format!("/tmp/{uuid}.wav")),
        _ => {}
    }
    Todo::Nothing
}

/// Asks before something is done with the leg that is looked at.
fn confirm(app: &mut App, what: impl FnOnce(bool) -> What) {
    let Some((server, leg)) = app.looked_at() else {
        app.say("No call is chosen, or it is gone.");
        return;
    };
    let held = leg.call_state == Some(CallState::Held);
    app.view = View::Confirm(Action { server, uuid: leg.uuid, what: what(held) });
}

fn input(app: &mut App, input: Input, begin: impl FnOnce(&str) -> String) {
    match app.looked_at() {
        Some((_, leg)) => app.view = View::Input(input, begin(&leg.uuid)),
        None => app.say("No call is chosen, or it is gone."),
    }
}

fn typed(app: &mut App, key: KeyEvent, input: Input, mut text: String) -> Todo {
    match key.code {
        KeyCode::Esc => return Todo::Nothing,
        KeyCode::Enter => {
            match input {
                Input::LogText => app.log.text = text,
                _ if text.trim().is_empty() => app.say("Nothing was done."),
                Input::Transfer => confirm(app, |_| What::Transfer(text)),
                Input::Record => confirm(app, |_| What::Record(text)),
            }
            return Todo::Nothing;
        }
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char(_) if screen::ends(key) && key.code != KeyCode::Char('q') => return Todo::End,
        KeyCode::Char(char) => text.push(char),
        _ => {}
    }
    app.view = View::Input(input, text);
    Todo::Nothing
}

const PAGE: usize = 10;
