//! The screen of `top`. Every text of a server goes through [`printable`].

mod front;
mod log;
mod rates;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

use super::app::{App, Input, View};
use crate::calls::table;
use crate::printable;

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    let heads = u16::try_from(app.servers.len().clamp(1, 4)).unwrap_or(1);
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(heads), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    draw_head(frame, app, head);
    draw_foot(frame, app, foot);
    if let View::Timeline { legs, scroll } = &app.view {
        return front::timeline(frame, &app.story(legs), *scroll, body);
    }
    let [main, log] = Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(body);
    if main.width >= WIDE {
        let [calls, events] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(RATES)]).areas(main);
        draw_calls(frame, app, calls);
        rates::draw(frame, &app.rates, events);
    } else {
        draw_calls(frame, app, main);
    }
    log::draw(frame, &app.log, log);
    match &app.view {
        View::Help => front::help(frame, app.read_only, body),
        View::Confirm(action) => front::question(frame, &action.question(), body),
        _ => {}
    }
}

/// A frame with a title, and the area inside.
fn boxed(frame: &mut Frame<'_>, title: &str, area: Rect) -> Rect {
    let title = printable::cell(title, usize::from(area.width.saturating_sub(2)));
    let block =
        Block::new().borders(Borders::TOP).title(title).border_style(Style::new().fg(Color::DarkGray));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

fn draw_head(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let now = app.rates.all(60).now;
    for (index, server) in app.servers.iter().take(usize::from(area.height)).enumerate() {
        let colour = match server.state {
            "up" => Color::Green,
            "degraded" => Color::Yellow,
            _ => Color::Red,
        };
        let mut facts = server.facts.clone();
        if index == 0 {
            let gap = if facts.is_empty() { "" } else { ", " };
            facts = format!("{facts}{gap}{now} events/s");
        }
        let name = printable::cell(&server.name, 24);
        let room = usize::from(area.width).saturating_sub(name.chars().count() + server.state.len() + 4);
        let line = Line::from(vec![
            Span::styled("● ", Style::new().fg(colour)),
            Span::styled(name, Style::new().add_modifier(Modifier::BOLD)),
            Span::raw(format!(" {}  ", server.state)),
            Span::raw(printable::cell(&facts, room)),
        ]);
        let row = Rect { y: area.y + u16::try_from(index).unwrap_or(0), height: 1, ..area };
        frame.render_widget(Paragraph::new(line), row);
    }
}

fn draw_foot(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let text = match &app.view {
        View::Input(input, text) => format!("{}{text}_", prompt(*input)),
        View::Confirm(action) => format!("{} y does it, any other key does not", action.question()),
        View::Help => "any key goes back".to_owned(),
        view => {
            let keys = match (view, app.read_only) {
                (View::Timeline { .. }, true) => "Esc back  arrows scroll  ? help  q end",
                (View::Timeline { .. }, false) => {
                    "Esc back  h hang up  o hold  r record  t transfer  ? help  q end"
                }
                (_, true) => "Enter timeline  l level  / text  ? help  q end",
                (_, false) => {
                    "Enter timeline  h hang up  o hold  r record  t transfer  l level  / text  ? help  q end"
                }
            };
            match app.message() {
                message if message.is_empty() => keys.to_owned(),
                message => format!("{message}   {keys}"),
            }
        }
    };
    let text = printable::cell(&text, usize::from(area.width));
    frame.render_widget(Paragraph::new(text).style(Style::new().add_modifier(Modifier::REVERSED)), area);
}

fn prompt(input: Input) -> &'static str {
    match input {
        Input::LogText => "Log lines with: ",
        Input::Transfer => "Transfer to: ",
        Input::Record => "Record to the server's file: ",
    }
}

fn draw_calls(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let answered = app.rows.iter().filter(|row| row.answered).count();
    let inside = boxed(frame, &format!(" {} legs, {answered} answered ", app.rows.len()), area);
    let selected = app.selected_index();
    // The chosen row stays in sight.
    let room = usize::from(inside.height.saturating_sub(1)).max(1);
    let offset = selected.unwrap_or_default().saturating_sub(room - 1);
    frame.render_widget(table(&app.rows, inside, app.several, offset, selected), inside);
}

/// From that width on there is room for the rates beside the calls.
const WIDE: u16 = 90;
/// How wide they are.
const RATES: u16 = 44;
