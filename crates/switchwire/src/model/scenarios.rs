//! What threads do with one connection, in every order that the scheduler thinks of.

use std::sync::Arc;
use std::time::Duration;

use shuttle::sync::mpsc::channel;
use shuttle::thread::{JoinHandle, spawn};
use switchwire_proto::{Command, EventType};

use super::clock;
use super::wire::{self, Server};
use crate::deadline::Deadline;
use crate::engine::{Engine, Until};
use crate::event_wait::EventWait;
use crate::inbox::{Awaited, Callback, Concern, Inbox, Waiter};
use crate::options::{Options, QueueLimits};
use crate::{Error, ErrorKind, Overflow, Reply, Result};

/// Runs a scenario under many schedules: at random, then with few preemptions at the places that hurt most (PCT).
pub(super) fn check(scenario: fn()) {
    let schedules = std::env::var("SWITCHWIRE_MODEL_SCHEDULES").ok().and_then(|text| text.parse().ok());
    let schedules: usize = schedules.unwrap_or(2000);
    let config = || {
        let mut config = shuttle::Config::new();
        config.stack_size = 512 << 10;
        config
    };
    let run = move || {
        clock::begin();
        scenario();
    };
    let random = shuttle::scheduler::RandomScheduler::new(schedules);
    shuttle::Runner::new(random, config()).run(run);
    for depth in [2, 3, 5] {
        let few = shuttle::scheduler::PctScheduler::new(depth, schedules / 3);
        shuttle::Runner::new(few, config()).run(run);
    }
}

/// A connection, and the server's end of its line.
pub(super) fn line(room: usize, options: Options) -> (Arc<Engine>, Server) {
    let (socket, server) = wire::pair(room);
    (Arc::new(Engine::new(socket, options)), server)
}

pub(super) fn ordinary() -> (Arc<Engine>, Server) {
    line(4096, Options::outbound())
}

/// A server that replies to each command with its own words, each reply after a numbered event, cut in two pieces; ends
/// with the client.
pub(super) fn chatty(server: Server) -> JoinHandle<()> {
    spawn(move || {
        let mut number = 0;
        while let Some(command) = server.command() {
            let out = event(number) + &answer(&command);
            number += 1;
            let (first, second) = out.split_at(out.len() / 3);
            server.write(first.as_bytes());
            server.write(second.as_bytes());
        }
    })
}

pub(super) fn answer(text: &str) -> String {
    format!("Content-Type: api/response\nContent-Length: {}\n\n{text}", text.len())
}

pub(super) fn event(number: usize) -> String {
    let body = format!("Event-Name: HEARTBEAT\nN: {number}\n\n");
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{body}", body.len())
}

pub(super) fn job_event(id: &str) -> String {
    let body = format!("Event-Name: BACKGROUND_JOB\nJob-UUID: {id}\n\n");
    format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{body}", body.len())
}

pub(super) fn command(text: &str) -> Command {
    Command::raw(text).unwrap()
}

pub(super) fn ask(engine: &Arc<Engine>, text: &str, time: Option<u64>) -> Result<String> {
    let reply = engine.request(&command(text), time.map(Duration::from_millis))?;
    Ok(reply.text().into_owned())
}

/// Takes events until the connection is over; their numbers.
pub(super) fn receive(engine: &Arc<Engine>) -> JoinHandle<Vec<usize>> {
    let engine = engine.clone();
    spawn(move || {
        let mut numbers = Vec::new();
        while let Ok(Some(number)) = next(&engine, Deadline::NEVER) {
            numbers.push(number);
        }
        assert!(numbers.is_sorted(), "out of order: {numbers:?}");
        numbers
    })
}

pub(super) fn next(engine: &Engine, deadline: Deadline) -> Result<Option<usize>> {
    let message = engine.wait_for(deadline, &Concern::Messages, Inbox::next_message)?;
    Ok(message.map(|message| message.into_event().header("N").unwrap().parse().unwrap()))
}

pub(super) fn over() -> Error {
    Error::disconnected("over")
}

#[test]
fn each_caller_gets_its_own_reply_while_two_receive() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let receivers = [receive(&engine), receive(&engine)];
        let callers: Vec<_> = (0..3)
            .map(|slot| {
                let engine = engine.clone();
                spawn(move || {
                    for question in 0..2 {
                        let text = format!("{slot}-{question}");
                        assert_eq!(ask(&engine, &text, None).unwrap(), text);
                    }
                })
            })
            .collect();
        callers.into_iter().for_each(|slot| slot.join().unwrap());
        engine.close(over());
        let mut seen: Vec<usize> = receivers.into_iter().flat_map(|one| one.join().unwrap()).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4, 5], "every event once");
        server.join().unwrap();
        let stats = engine.inbox().stats();
        assert_eq!((stats.unasked_replies, stats.late_replies, stats.unanswered, stats.queued), (0, 0, 0, 0));
    });
}

#[test]
fn replies_may_be_waited_for_in_any_order() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let other = receive(&engine);
        let slot = {
            let engine = engine.clone();
            spawn(move || {
                let first = engine.submit(&command("first")).unwrap();
                let second = engine.submit(&command("second")).unwrap();
                assert_eq!(second.wait().unwrap().text(), "second");
                assert_eq!(first.wait().unwrap().text(), "first");
            })
        };
        assert_eq!(ask(&engine, "third", None).unwrap(), "third");
        slot.join().unwrap();
        engine.close(over());
        assert_eq!(other.join().unwrap(), [0, 1, 2]);
        server.join().unwrap();
    });
}

#[test]
fn a_leader_whose_time_passes_hands_over() {
    check(|| {
        let (engine, server) = ordinary();
        let patient = receive(&engine);
        let brief = {
            let engine = engine.clone();
            spawn(move || {
                // Both below and above the time after which a silent line gives its buffers back.
                let first = next(&engine, Deadline::after(Duration::from_millis(50)));
                let second = next(&engine, Deadline::after(Duration::from_millis(150)));
                first.into_iter().chain(second).flatten().count()
            })
        };
        let server = spawn(move || {
            server.write(event(0).as_bytes());
            server.write(event(1).as_bytes());
            server.hang_up();
        });
        for _ in 0..4 {
            clock::pass(Duration::from_millis(60));
        }
        server.join().unwrap();
        assert_eq!(brief.join().unwrap() + patient.join().unwrap().len(), 2, "every event once");
    });
}

#[test]
fn a_reply_that_comes_late_is_dropped_and_the_next_caller_gets_its_own() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let receiver = receive(&engine);
        let late = {
            let engine = engine.clone();
            spawn(move || {
                match ask(&engine, "late", Some(10)) {
                    Ok(text) => assert_eq!(text, "late"),
                    Err(error) => assert!(error.is_timeout(), "{error}"),
                }
                assert_eq!(ask(&engine, "next", None).unwrap(), "next");
            })
        };
        assert_eq!(ask(&engine, "other", None).unwrap(), "other");
        clock::pass(Duration::from_millis(20));
        late.join().unwrap();
        engine.close(over());
        assert_eq!(receiver.join().unwrap(), [0, 1, 2]);
        server.join().unwrap();
        assert_eq!(engine.inbox().stats().unanswered, 0);
    });
}

#[test]
fn the_end_in_the_middle_of_a_message_reaches_everybody() {
    check(|| {
        let (engine, server) = ordinary();
        let receiver = receive(&engine);
        let (tell, told) = channel();
        let calling = {
            let engine = engine.clone();
            spawn(move || {
                let tell_refused = tell.clone();
                let callback = move |reply: Result<Reply>| tell.send(reply.map(|_| ())).unwrap();
                // Either it is refused and never called back, or called back once.
                if let Err(error) = engine.submit_with(&command("called"), Box::new(callback)) {
                    tell_refused.send(Err(error)).unwrap();
                }
            })
        };
        let callers: Vec<_> = ["a", "b"]
            .map(|text| {
                let engine = engine.clone();
                spawn(move || match ask(&engine, text, None) {
                    Ok(answer) => assert_eq!(answer, text),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Disconnected, "{error}"),
                })
            })
            .into();
        let server = spawn(move || {
            let Some(first) = server.command() else { return };
            server.write((event(0) + &answer(&first)).as_bytes());
            server.write(&event(1).as_bytes()[..30]);
            server.hang_up();
        });
        server.join().unwrap();
        callers.into_iter().for_each(|slot| slot.join().unwrap());
        calling.join().unwrap();
        assert!(told.recv().is_ok(), "told nothing");
        assert!(told.recv().is_err(), "told twice");
        assert_eq!(receiver.join().unwrap(), [0]);
        assert!(engine.inbox().closed.is_some());
        assert_eq!(engine.inbox().stats().unanswered, 0);
    });
}

#[test]
fn closing_wakes_everybody() {
    check(|| {
        let (engine, server) = ordinary();
        let receivers = [receive(&engine), receive(&engine)];
        let slot = {
            let engine = engine.clone();
            spawn(move || assert_eq!(ask(&engine, "x", None).unwrap_err().kind(), ErrorKind::Disconnected))
        };
        let server = spawn(move || while server.command().is_some() {});
        engine.close(over());
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), [0; 0]);
        }
        slot.join().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn a_callback_may_send_and_wait() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let receiver = receive(&engine);
        let (tell, told) = channel();
        let inner = engine.clone();
        let callback = move |reply: Result<Reply>| {
            assert_eq!(reply.unwrap().text(), "first");
            let tell_last = tell.clone();
            let last =
                move |reply: Result<Reply>| tell_last.send(reply.unwrap().text().into_owned()).unwrap();
            inner.submit_with(&command("second"), Box::new(last)).unwrap();
            tell.send(ask(&inner, "third", None).unwrap()).unwrap();
        };
        engine.submit_with(&command("first"), Box::new(callback)).unwrap();
        assert_eq!(ask(&engine, "mine", None).unwrap(), "mine");
        let mut told = [told.recv().unwrap(), told.recv().unwrap()];
        told.sort_unstable();
        assert_eq!(told, ["second", "third"]);
        engine.close(over());
        assert_eq!(receiver.join().unwrap(), [0, 1, 2, 3]);
        server.join().unwrap();
    });
}

#[test]
fn what_a_full_socket_holds_back_is_sent_whole_and_in_order() {
    check(|| {
        // The server's buffer takes less than a command.
        let (engine, server) = line(5, Options::outbound());
        let server = chatty(server);
        let callers: Vec<_> = ["a-long-one", "another-one"]
            .map(|text| {
                let engine = engine.clone();
                spawn(move || assert_eq!(ask(&engine, text, None).unwrap(), text))
            })
            .into();
        callers.into_iter().for_each(|slot| slot.join().unwrap());
        engine.close(over());
        server.join().unwrap();
    });
}

#[test]
fn a_loop_that_pumps_leaves_no_thread_asleep() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let pumping = {
            let engine = engine.clone();
            spawn(move || {
                while engine.pump(Until::Nothing).connected {
                    engine.socket.wait(false, Deadline::NEVER).unwrap();
                    // While another one is about to read, the socket stays readable: let it.
                    shuttle::thread::yield_now();
                }
            })
        };
        let slot = {
            let engine = engine.clone();
            spawn(move || assert_eq!(ask(&engine, "a", None).unwrap(), "a"))
        };
        assert_eq!(ask(&engine, "b", None).unwrap(), "b");
        slot.join().unwrap();
        engine.close(over());
        pumping.join().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn a_job_gets_its_event_whoever_reads_it() {
    check(|| {
        let (engine, server) = ordinary();
        let server = spawn(move || {
            while let Some(command) = server.command() {
                server.write((event(0) + &job_event("j") + &answer(&command)).as_bytes());
            }
        });
        let receiver = receive(&engine);
        engine.inbox().hear_jobs();
        let event = EventWait::new(engine.clone(), "j".to_owned(), Awaited::Job).unwrap();
        assert_eq!(ask(&engine, "run", None).unwrap(), "run");
        let event = event.wait(Deadline::NEVER).unwrap().unwrap();
        assert_eq!(event.event_type(), EventType::BackgroundJob);
        engine.close(over());
        assert_eq!(receiver.join().unwrap(), [0]);
        server.join().unwrap();
    });
}

#[test]
fn the_event_of_a_dropped_job_goes_to_who_follows() {
    check(|| {
        let (engine, server) = ordinary();
        let server = spawn(move || {
            while let Some(command) = server.command() {
                server.write((job_event("j") + &answer(&command)).as_bytes());
            }
        });
        let (tell, told) = channel();
        // One of the two leads, and sees nothing but the socket; the other one gets it.
        let receivers = [tell.clone(), tell].map(|tell| {
            let engine = engine.clone();
            spawn(move || {
                while let Ok(Some(message)) =
                    engine.wait_for(Deadline::NEVER, &Concern::Messages, Inbox::next_message)
                {
                    tell.send(message.into_event().event_type()).unwrap();
                }
            })
        });
        let event = EventWait::new(engine.clone(), "j".to_owned(), Awaited::Job).unwrap();
        assert_eq!(ask(&engine, "run", None).unwrap(), "run");
        drop(event);
        assert_eq!(told.recv().unwrap(), EventType::BackgroundJob);
        engine.close(over());
        receivers.into_iter().for_each(|receiver| receiver.join().unwrap());
        server.join().unwrap();
    });
}

#[test]
fn a_jobs_callbacks_run_once_whatever_happens() {
    check(|| {
        let (engine, server) = ordinary();
        let receiver = receive(&engine);
        let (tell, told) = channel();
        let caller = {
            let engine = engine.clone();
            spawn(move || {
                let (replied, done) = (tell.clone(), tell.clone());
                let callback: Callback = Box::new(move |_| replied.send("reply").unwrap());
                let waiter = Waiter::Callback(Box::new(move |_| done.send("done").unwrap()));
                let register = |inbox: &mut Inbox| inbox.waits.begin("j", Awaited::Job, waiter);
                if engine.try_submit_awaited(&command("run"), callback, register).is_err() {
                    tell.send("refused").unwrap();
                }
            })
        };
        let server = spawn(move || {
            if let Some(command) = server.command() {
                server.write((answer(&command) + &job_event("j")).as_bytes());
            }
            server.hang_up();
        });
        let closer = {
            let engine = engine.clone();
            spawn(move || engine.close(over()))
        };
        caller.join().unwrap();
        closer.join().unwrap();
        server.join().unwrap();
        receiver.join().unwrap();
        let mut told: Vec<&str> = told.into_iter().collect();
        told.sort_unstable();
        assert!(told == ["done", "reply"] || told == ["refused"], "{told:?}");
    });
}

#[test]
fn a_queue_that_overflows_ends_the_connection_for_everybody() {
    check(|| {
        let mut options = Options::outbound();
        options.queue = QueueLimits::new(1, 1 << 20, Overflow::Fail);
        let (engine, server) = line(4096, options);
        let slot = {
            let engine = engine.clone();
            spawn(move || match ask(&engine, "x", None) {
                Ok(text) => assert_eq!(text, "x"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}"),
            })
        };
        let follower = {
            let engine = engine.clone();
            spawn(move || {
                assert_eq!(ask(&engine, "y", None).unwrap_err().kind(), ErrorKind::LimitExceeded);
            })
        };
        let server = spawn(move || {
            // One of the two gets a reply, at most.
            let Some(command) = server.command() else { return };
            if command == "x" {
                server.write(answer("x").as_bytes());
            }
            server.write((event(0) + &event(1)).as_bytes());
        });
        slot.join().unwrap();
        follower.join().unwrap();
        server.join().unwrap();
        assert_eq!(engine.inbox().stats().dropped_events, 1);
    });
}
