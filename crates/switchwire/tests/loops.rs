//! Calls that event loops run, by callbacks.

mod support;

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use parking_lot::Mutex;
use support::{Line, PATIENCE, Peer, event};
use switchwire::{Command, job_output};
use switchwire::{
    Connection, Error, ErrorKind, Event, Executed, Incoming, Listener, Result, Server, Session,
    SessionHandler,
};

type Next<T> = fn(&mut Program, &mut Session<'_, Program>, T) -> Result<()>;

/// A handler that notes what it is called for.
struct Program {
    notes: Sender<String>,
    begin: fn(&mut Program, &mut Session<'_, Program>) -> Result<()>,
    on_event: Next<Event>,
}

impl SessionHandler for Program {
    type Error = Error;

    fn connected(&mut self, session: &mut Session<'_, Self>, info: Event) -> Result<()> {
        self.note(format!("{} {}", info.name(), session.uuid().unwrap_or_default()));
        (self.begin)(self, session)
    }

    fn event(&mut self, session: &mut Session<'_, Self>, event: Event) -> Result<()> {
        self.note(format!("event {}", event.header("N").unwrap_or_default()));
        (self.on_event)(self, session, event)
    }

    fn incoming(&mut self, session: &mut Session<'_, Self>, incoming: Incoming) -> Result<()> {
        match incoming {
            Incoming::Event(event) => self.event(session, event),
            _ => {
                self.note("notice");
                Ok(())
            }
        }
    }

    fn ended(self, reason: &Error) {
        self.note(format!("ended: {}", reason.kind().name()));
    }
}

impl Program {
    fn note(&self, note: impl Into<String>) {
        let _ = self.notes.send(note.into());
    }
}

struct Served {
    server: Option<Server>,
    notes: Receiver<String>,
    errors: Arc<Mutex<Vec<(ErrorKind, String)>>>,
}

fn serve(begin: fn(&mut Program, &mut Session<'_, Program>) -> Result<()>, on_event: Next<Event>) -> Served {
    let (notes, noted) = channel();
    let errors = Arc::new(Mutex::new(Vec::new()));
    let told = errors.clone();
    let server = Listener::bind("127.0.0.1:0")
        .unwrap()
        .on_error(move |error| told.lock().push((error.kind(), error.to_string())))
        .serve_loops(1, move || Program { notes: notes.clone(), begin, on_event })
        .unwrap();
    Served { server: Some(server), notes: noted, errors }
}

impl Served {
    fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().local_addr()
    }

    /// The next note.
    fn note(&self) -> String {
        self.notes.recv_timeout(PATIENCE).unwrap()
    }

    fn notes(&self, expected: &[&str]) {
        for note in expected {
            assert_eq!(self.note(), *note);
        }
    }

    /// Waits for the calls' ends; the errors reported, and the counts of panics and errors.
    fn finish(mut self) -> (Vec<(ErrorKind, String)>, u64, u64) {
        let server = self.server.take().unwrap();
        while server.stats().active > 0 {
            std::thread::yield_now();
        }
        let stats = server.stats();
        assert!(server.stop(PATIENCE));
        let errors = self.errors.lock().clone();
        (errors, stats.panicked, stats.errors)
    }
}

/// The server's side of a call.
fn call(address: SocketAddr, number: usize) -> Line {
    let mut line = Line::new(TcpStream::connect(address).unwrap());
    line.stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(line.command().unwrap(), "connect");
    line.write(format!(
        "Event-Name: CHANNEL_DATA\nUnique-ID: call-{number}\nContent-Type: command/reply\nReply-Text: %2BOK%0A\n\
         Socket-Mode: async\nControl: full\n\n"
    ));
    line
}

/// The application that is asked for, with its argument; its run is answered to, and its end reported.
fn execute(line: &mut Line) -> String {
    let command = line.command().unwrap();
    let field = |name: &str| command.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let (application, argument, id) =
        (field("execute-app-name: "), field("execute-app-arg: "), field("event-uuid: "));
    let ran = format!("{application} {argument}").trim().to_owned();
    line.reply("+OK");
    line.event(&format!(
        "Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: call-1\nApplication-UUID: {id}\n\
         Application-Response: FILE PLAYED\n"
    ));
    ran
}

fn nothing(_: &mut Program, _: &mut Session<'_, Program>, _: Event) -> Result<()> {
    Ok(())
}

const CONNECTED: &str = "CHANNEL_DATA call-1";
const KILL: &str = "api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE";

fn killed(line: &mut Line) {
    assert_eq!(line.command().unwrap(), KILL);
    line.api("+OK\n");
    assert_eq!(line.command(), None);
}

#[test]
fn a_call_goes_from_callback_to_callback() {
    fn played(
        program: &mut Program,
        session: &mut Session<'_, Program>,
        played: Result<Executed>,
    ) -> Result<()> {
        program.note(played?.response().unwrap());
        session.hangup(Some("USER_BUSY"))
    }
    let served = serve(
        |_, session| {
            session.linger(Some(5))?;
            session.myevents()?;
            session.execute("answer", "", |_, session, answered| {
                answered?;
                session.execute("playback", "welcome.wav", played)
            })
        },
        nothing,
    );
    let mut line = call(served.address(), 1);
    assert_eq!(line.command().unwrap(), "linger 5");
    line.reply("+OK");
    assert_eq!(line.command().unwrap(), "myevents");
    line.reply("+OK");
    assert_eq!(execute(&mut line), "answer");
    line.event("Event-Name: DTMF\nN: 1\n");
    assert_eq!(execute(&mut line), "playback welcome.wav");
    let hangup = line.command().unwrap();
    assert!(hangup.contains("call-command: hangup\nhangup-cause: USER_BUSY"), "{hangup}");
    line.reply("+OK");
    line.write(
        "Content-Type: text/disconnect-notice\nControlled-Session-UUID: call-1\nContent-Disposition: linger\n\
         Linger-Time: 5\nContent-Length: 0\n\n",
    );
    drop(line);
    served.notes(&[CONNECTED, "event 1", "FILE PLAYED", "notice", "ended: disconnected"]);
    assert_eq!(served.finish(), (vec![], 0, 0));
}

#[test]
fn what_comes_in_pieces_on_many_calls_is_not_mixed_up() {
    let served = serve(|_, _| Ok(()), nothing);
    let mut lines: Vec<_> = (1..=20).map(|number| call(served.address(), number)).collect();
    let text = |number: usize| {
        event(&format!("Event-Name: HEARTBEAT\nN: {number}\nPad: {}\n", "x".repeat(20_000)), "")
    };
    for piece in 0..3 {
        for (number, line) in lines.iter_mut().enumerate() {
            let text = text(number);
            let size = text.len() / 3 + 1;
            line.write(&text[piece * size..text.len().min((piece + 1) * size)]);
        }
    }
    let mut notes: Vec<_> = (0..40).map(|_| served.note()).collect();
    notes.retain(|note| note.starts_with("event"));
    notes.sort();
    let mut expected: Vec<_> = (0..20).map(|number| format!("event {number}")).collect();
    expected.sort();
    assert_eq!(notes, expected);
    drop(lines);
    served.finish();
}

#[test]
fn a_panic_ends_its_call_only() {
    let served = serve(
        |_, _| Ok(()),
        |_, _, event| {
            assert_ne!(event.header("N").unwrap(), "0", "this panic is part of the test");
            Ok(())
        },
    );
    let mut other = call(served.address(), 2);
    let mut line = call(served.address(), 1);
    line.event("Event-Name: HEARTBEAT\nN: 0\n");
    killed(&mut line);
    other.event("Event-Name: HEARTBEAT\nN: 1\n");
    drop(other);
    let mut notes: Vec<_> = served.notes.iter().take(5).collect();
    notes.sort();
    assert_eq!(notes, [CONNECTED, "CHANNEL_DATA call-2", "ended: disconnected", "event 0", "event 1"]);
    assert_eq!(served.finish(), (vec![], 1, 0));
}

#[test]
fn a_destructor_that_panics_does_not_end_the_loop() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("this panic is part of the test");
        }
    }
    let served = serve(
        |_, session| {
            let bomb = Bomb;
            session.after(Duration::MAX, move |_, _| {
                let _kept = bomb;
                Ok(())
            });
            session.close();
            Ok(())
        },
        nothing,
    );
    for _ in 0..2 {
        assert_eq!(call(served.address(), 1).command(), None);
        served.notes(&[CONNECTED, "ended: disconnected"]);
    }
    served.finish();
}

#[test]
fn an_error_hangs_the_call_up_unless_it_reports_the_end() {
    let served = serve(
        |_, session| session.perform("events", &Command::event(switchwire::EventFormat::Plain, "ALL")?),
        nothing,
    );
    let mut line = call(served.address(), 1);
    line.command().unwrap();
    line.reply("-ERR no");
    killed(&mut line);
    served.notes(&[CONNECTED, "ended: refused"]);
    let refused = (ErrorKind::Refused, "the server refused events: -ERR no".to_owned());
    assert_eq!(served.finish(), (vec![refused], 0, 1));

    let served = serve(
        |_, session| {
            session.myevents()?;
            session.execute("park", "", |program, _, parked| {
                program.note(format!("parked: {}", parked.as_ref().unwrap_err().kind().name()));
                parked.map(drop)
            })
        },
        nothing,
    );
    let mut line = call(served.address(), 1);
    line.command().unwrap();
    line.reply("+OK");
    line.command().unwrap();
    line.reply("+OK");
    line.event("Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: call-1\nHangup-Cause: NORMAL_CLEARING\n");
    assert_eq!(line.command(), None, "it is closed, and not hung up");
    assert_eq!(served.note(), CONNECTED);
    let mut notes = [served.note(), served.note(), served.note()];
    notes.sort();
    assert_eq!(notes, ["ended: disconnected", "event ", "parked: hangup"]);
    assert_eq!(served.finish(), (vec![], 0, 0));
}

#[test]
fn calls_that_wait_are_refused_in_callbacks() {
    static OTHER: Mutex<Option<Connection>> = Mutex::new(None);
    let other = Peer::logged_in(|line| {
        // The refused ones have sent nothing.
        assert_eq!(line.command().unwrap(), "api status");
        line.api("fine");
    });
    *OTHER.lock() = Some(other.connect());
    let served = serve(
        |program, session| {
            let other = OTHER.lock().clone().unwrap();
            for refused in [
                other.api("status", "").map(drop),
                other.linger(None).map(drop),
                other.recv_event().map(drop),
                other.recv_event_timeout(Duration::from_secs(1)).map(drop),
            ] {
                let error = refused.unwrap_err();
                assert!(error.to_string().contains("a callback of an event loop"), "{error}");
                program.note(error.kind().name());
            }
            assert!(other.try_recv_event()?.is_none(), "what does not wait is allowed");
            session.close();
            Ok(())
        },
        nothing,
    );
    assert_eq!(call(served.address(), 1).command(), None);
    served.notes(&[CONNECTED]);
    served.notes(&["invalid-argument"; 4]);
    served.notes(&["ended: disconnected"]);
    assert_eq!(served.finish(), (vec![], 0, 0));
    assert_eq!(OTHER.lock().take().unwrap().api("status", "").unwrap().text(), "fine");
    other.finish();
}

#[test]
fn timers_and_other_threads_come_back_to_the_session() {
    let served = serve(
        |_, session| {
            let cancelled = session.after(Duration::from_millis(1), |program, _| {
                program.note("too late");
                Ok(())
            });
            session.after(Duration::from_millis(30), |program, session| {
                program.note("second");
                let remote = session.remote();
                std::thread::spawn(move || {
                    remote.call(|program, session| {
                        program.note("from elsewhere");
                        session.close();
                        Ok(())
                    });
                });
                Ok(())
            });
            session.after(Duration::from_millis(2), |program, _| {
                program.note("first");
                Ok(())
            });
            assert!(session.cancel(cancelled) && !session.cancel(cancelled));
            session.after(Duration::MAX, |_, _| unreachable!());
            Ok(())
        },
        nothing,
    );
    assert_eq!(call(served.address(), 1).command(), None);
    served.notes(&[CONNECTED, "first", "second", "from elsewhere", "ended: disconnected"]);
    served.finish();
}

#[test]
fn a_callback_gets_replies_jobs_and_what_ended_them() {
    let served = serve(
        |_, session| {
            session.submit(&Command::api("status", "")?, |program, _, reply| {
                program.note(reply?.text());
                Ok(())
            })?;
            let refused = session.bgapi("status", "", |_, _, _| unreachable!());
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotSubscribed);
            session.perform("events", &Command::event(switchwire::EventFormat::Plain, "BACKGROUND_JOB")?)?;
            for argument in ["one", "two", "three"] {
                session.bgapi("x", argument, move |program, _, job| {
                    program.note(match job {
                        Ok(event) => format!("{argument}: {}", job_output(&event).unwrap()),
                        Err(error) => format!("{argument}: {}", error.kind().name()),
                    });
                    Ok(())
                })?;
            }
            Ok(())
        },
        nothing,
    );
    let mut line = call(served.address(), 1);
    assert_eq!(line.command().unwrap(), "api status");
    line.api("UP");
    line.command().unwrap();
    line.reply("+OK");
    let mut job = |reply: &str| {
        let command = line.command().unwrap();
        let id = command.lines().find_map(|line| line.strip_prefix("Job-UUID: ")).unwrap().to_owned();
        line.reply(reply);
        id
    };
    let (one, _, _) = (job("+OK"), job("-ERR no"), job("+OK"));
    line.write(support::background_job(&one, "+OK done"));
    served.notes(&[CONNECTED, "UP"]);
    let mut notes = [served.note(), served.note()];
    notes.sort();
    assert_eq!(notes, ["one: +OK done", "two: refused"]);
    drop(line);
    served.notes(&["three: disconnected", "ended: disconnected"]);
    assert_eq!(served.finish(), (vec![], 0, 0));
}

#[test]
fn stopping_hangs_up_what_is_on_and_waits_for_the_last_callbacks() {
    let mut served = serve(|_, _| Ok(()), nothing);
    let address = served.address();
    let lines: Vec<_> = (1..=3).map(|_| call(address, 1)).collect();
    served.notes(&[CONNECTED; 3]);
    let peers: Vec<_> =
        lines.into_iter().map(|mut line| std::thread::spawn(move || killed(&mut line))).collect();
    assert!(!served.server.take().unwrap().stop(Duration::ZERO));
    let ended: Vec<_> = served.notes.try_iter().collect();
    assert_eq!(ended, ["ended: disconnected"; 3], "they have run, and no handler is left");
    peers.into_iter().for_each(|peer| peer.join().unwrap());
}

#[test]
fn a_handler_is_made_for_each_call_and_the_loops_share_them() {
    struct Counts(Sender<std::thread::ThreadId>);
    impl SessionHandler for Counts {
        type Error = Box<dyn std::error::Error>;

        fn connected(&mut self, session: &mut Session<'_, Self>, _: Event) -> Result<(), Self::Error> {
            self.0.send(std::thread::current().id())?;
            session.close();
            Ok(())
        }
    }
    let (tell, told) = channel();
    let server = Listener::bind("127.0.0.1:0").unwrap().serve_loops(2, move || Counts(tell.clone())).unwrap();
    (0..4).for_each(|number| assert_eq!(call(server.local_addr(), number).command(), None));
    let mut threads: Vec<_> = told.iter().take(4).collect();
    threads.sort_by_key(|id| format!("{id:?}"));
    threads.dedup();
    assert_eq!(threads.len(), 2);
    assert!(server.stop(PATIENCE));
    assert!(told.recv().is_err(), "the handlers are gone");
}
