//! Calls that the server connects to us, each on a thread of its own or all of them on one event loop: the program asks for
//! the call's events and plays a file, which goes on.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use anyhow::{Result, bail};
use switchwire::{Command, Connection, Event, Listener, Session, SessionHandler};

use super::Task;
use crate::turn::{Clock, Sum};

/// `how` is one of [`crate::sessions::WAYS`].
pub(super) fn run(how: &str, task: Task) -> Result<()> {
    let (tell, told) = channel();
    let listener = Listener::bind("127.0.0.1:0")?.max_sessions(task.count);
    let server = match how {
        "threads" => listener.serve(move |call| play(&call, &tell))?,
        "loop" => listener.serve_loops(1, move || Playing(tell.clone()))?,
        other => bail!("sessions do not run in the way {other}"),
    };
    let dialler = Connection::connect("127.0.0.1", task.port, "ClueCon")?;
    let mut clock = Clock::start()?;
    let mut sum = Sum::new(false);
    let dial = Command::api("dial", &format!("{} {}", server.local_addr().port(), task.count))?;
    let dialled = dialler.event_loop().try_submit(&dial)?;
    for _ in 0..task.count {
        told.recv()?;
        sum.events += 1;
    }
    dialled.wait()?;
    clock.hold();
    std::thread::sleep(SETTLED);
    clock.stop(sum)?;
    Ok(())
}

fn play(call: &Connection, tell: &Sender<()>) -> switchwire::Result<()> {
    call.myevents(None)?;
    let playing = call.event_loop().start_execute(call.prepare_execute("playback", "welcome.wav", None))?;
    // (No one counts any more once the turn is over.)
    let _ = tell.send(());
    playing.wait(Duration::MAX).map(drop)
}

struct Playing(Sender<()>);

impl SessionHandler for Playing {
    type Error = switchwire::Error;

    fn connected(&mut self, session: &mut Session<'_, Self>, _info: Event) -> switchwire::Result<()> {
        session.submit(&Command::myevents(None, None)?, |playing, session, reply| {
            reply?;
            session.execute("playback", "welcome.wav", |_, _, played| played.map(drop))?;
            let _ = playing.0.send(());
            Ok(())
        })
    }
}

/// By then what is freed while nothing comes has been freed.
const SETTLED: Duration = Duration::from_secs(1);
