//! An IVR for many calls at once, on one thread: answers, plays a menu, and plays what the key that is pressed stands for.
//! In the dialplan: `<action application="socket" data="127.0.0.1:8084 async full"/>`.
//!
//! 10,000 calls need as many descriptors (`ulimit -n`), and one `Listener` takes them all.

use std::time::Duration;

use switchwire::{
    Error, Event, EventType, Executed, Listener, Result, Session, SessionHandler, SessionTimer,
};

/// What is to be remembered of a call.
#[derive(Default)]
pub(crate) struct Menu {
    patience: Option<SessionTimer>,
    chosen: bool,
}

impl SessionHandler for Menu {
    type Error = Error;

    fn connected(&mut self, session: &mut Session<'_, Self>, _info: Event) -> Result<()> {
        session.linger(Some(5))?;
        session.myevents()?;
        session.execute("answer", "", |_, session, answered| {
            answered?;
            session.execute("playback", "menu.wav", Self::menu_played)
        })
    }

    fn event(&mut self, session: &mut Session<'_, Self>, event: Event) -> Result<()> {
        if event.event_type() != EventType::Dtmf || std::mem::replace(&mut self.chosen, true) {
            return Ok(());
        }
        if let Some(patience) = self.patience.take() {
            session.cancel(patience);
        }
        let key = event.header("DTMF-Digit").unwrap_or_default();
        let file = if key == "1" { "hours.wav" } else { "address.wav" };
        session.execute("playback", file, Self::last_played)
    }
}

impl Menu {
    fn menu_played(&mut self, session: &mut Session<'_, Self>, played: Result<Executed>) -> Result<()> {
        played?;
        if !self.chosen {
            let patience = session.after(Duration::from_secs(10), |menu, session| {
                menu.chosen = true;
                session.execute("playback", "goodbye.wav", Self::last_played)
            });
            self.patience = Some(patience);
        }
        Ok(())
    }

    fn last_played(&mut self, session: &mut Session<'_, Self>, played: Result<Executed>) -> Result<()> {
        played?;
        session.hangup(None)
    }
}

fn main() -> Result<()> {
    let listener = Listener::bind("127.0.0.1:8084")?.max_sessions(10_000);
    listener.on_error(|error| eprintln!("{error}")).serve_loops(1, Menu::default)?.join();
    Ok(())
}
