//! Who is woken: followers that the news concerns, one that is to read next, and the thread that watches.

use std::sync::Arc;
use std::time::Duration;

use shuttle::sync::mpsc::channel;
use shuttle::thread::{JoinHandle, spawn};

use super::scenarios::{
    answer, ask, chatty, check, command, event, job_event, line, next, ordinary, over, receive,
};
use super::{clock, wire::Server};
use crate::PendingValue;
use crate::deadline::Deadline;
use crate::engine::{Engine, Watch};
use crate::event_wait::EventWait;
use crate::inbox::{Awaited, Concern, Inbox};
use crate::options::{Options, QueueLimits};
use crate::{ErrorKind, Overflow, Reply, Result};

/// A server that replies to each command, and sends no events.
fn terse(server: Server) -> JoinHandle<()> {
    spawn(move || {
        while let Some(command) = server.command() {
            server.write(answer(&command).as_bytes());
        }
    })
}

/// Watches until the connection is over.
fn watch(engine: &Arc<Engine>, how: Watch) -> JoinHandle<()> {
    let engine = engine.clone();
    spawn(move || {
        engine.watch(Deadline::NEVER, || how, |inbox| inbox.closed.as_ref().map(drop));
    })
}

/// Lets time pass until the connection is over.
fn ticking(engine: &Arc<Engine>) -> JoinHandle<()> {
    let engine = engine.clone();
    spawn(move || {
        while engine.inbox().closed.is_none() {
            clock::pass(Duration::from_millis(15));
            shuttle::thread::yield_now();
        }
    })
}

#[test]
fn a_reply_wakes_its_caller_and_the_next_reader_and_nobody_else() {
    check(|| {
        let (engine, server) = ordinary();
        let server = terse(server);
        let receivers: Vec<_> = (0..4).map(|_| receive(&engine)).collect();
        for text in ["a", "b", "c"] {
            assert_eq!(ask(&engine, text, None).unwrap(), text);
        }
        let woken = engine.inbox().followers.woken;
        assert!(woken <= 6, "{woken} were woken by three replies");
        engine.close(over());
        receivers.into_iter().for_each(|one| assert_eq!(one.join().unwrap(), [0; 0]));
        server.join().unwrap();
    });
}

#[test]
fn as_many_receivers_are_woken_as_there_are_events() {
    check(|| {
        let (engine, server) = ordinary();
        let (tell, told) = channel();
        let receivers: Vec<_> = (0..3)
            .map(|_| {
                let (engine, tell) = (engine.clone(), tell.clone());
                spawn(move || {
                    // One each, then the thread is gone for good: another one has to read on.
                    if let Ok(Some(number)) = next(&engine, Deadline::NEVER) {
                        tell.send(number).unwrap();
                    }
                })
            })
            .collect();
        drop(tell);
        let server = spawn(move || {
            server.write((event(0) + &event(1)).as_bytes());
            server.write(event(2).as_bytes());
            while server.command().is_some() {}
        });
        let mut numbers: Vec<usize> = told.into_iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 2]);
        receivers.into_iter().for_each(|one| one.join().unwrap());
        engine.close(over());
        server.join().unwrap();
    });
}

#[test]
fn a_follower_whose_time_passes_as_it_is_to_read_hands_on() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let brief: Vec<_> = [10, 20]
            .map(|time| {
                let engine = engine.clone();
                spawn(move || match next(&engine, Deadline::after(Duration::from_millis(time))) {
                    Ok(number) => number.into_iter().count(),
                    Err(error) => panic!("{error}"),
                })
            })
            .into();
        let asking = {
            let engine = engine.clone();
            spawn(move || assert_eq!(ask(&engine, "x", None).unwrap(), "x"))
        };
        let ticking = ticking(&engine);
        asking.join().unwrap();
        let mut taken: usize = brief.into_iter().map(|one| one.join().unwrap()).sum();
        taken += engine.inbox().queued();
        assert_eq!(taken, 1, "the event went to one of them, or waits");
        engine.close(over());
        ticking.join().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn waits_for_two_jobs_and_for_events_get_each_their_own() {
    check(|| {
        let (engine, server) = ordinary();
        let server = spawn(move || {
            while let Some(command) = server.command() {
                let job = if command == "last" { String::new() } else { job_event(&command) };
                server.write((job + &event(0) + &answer(&command)).as_bytes());
            }
        });
        engine.inbox().hear_jobs();
        let receiver = receive(&engine);
        let jobs: Vec<_> = ["i", "j"]
            .map(|id| {
                let wait = EventWait::new(engine.clone(), id.to_owned(), Awaited::Job).unwrap();
                let engine = engine.clone();
                spawn(move || {
                    engine.send(&command(id)).unwrap();
                    let event = wait.wait(Deadline::NEVER).unwrap().unwrap();
                    assert_eq!(event.header("Job-UUID").unwrap(), id);
                })
            })
            .into();
        jobs.into_iter().for_each(|job| job.join().unwrap());
        assert_eq!(ask(&engine, "last", None).unwrap(), "last");
        engine.close(over());
        assert_eq!(receiver.join().unwrap(), [0, 0, 0]);
        server.join().unwrap();
    });
}

#[test]
fn a_wait_ends_when_the_subscription_that_it_needs_does() {
    check(|| {
        let (engine, server) = ordinary();
        let server = spawn(move || {
            while let Some(command) = server.command() {
                let reply = format!("Content-Type: command/reply\nReply-Text: +OK {command}\n\n");
                server.write(reply.as_bytes());
            }
        });
        engine.inbox().hear_jobs();
        let receiver =
            {
                let engine = engine.clone();
                spawn(move || {
                    while engine.wait_for(Deadline::NEVER, &Concern::Messages, Inbox::next_message).is_ok() {}
                })
            };
        let job = EventWait::new(engine.clone(), "j".to_owned(), Awaited::Job).unwrap();
        let waiting = spawn(move || {
            assert_eq!(job.wait(Deadline::NEVER).unwrap_err().kind(), ErrorKind::NotSubscribed)
        });
        engine.request(&command("nixevent BACKGROUND_JOB"), None).unwrap();
        waiting.join().unwrap();
        engine.close(over());
        receiver.join().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn a_value_that_a_callback_puts_down_is_found_by_the_thread_that_waits_for_it() {
    check(|| {
        let (engine, server) = ordinary();
        let server = terse(server);
        let receiver = receive(&engine);
        let ticking = ticking(&engine);
        let callers: Vec<_> = ["a", "b"]
            .map(|text| {
                let engine = engine.clone();
                spawn(move || {
                    let pending = PendingValue::start(&engine, |on_done| {
                        let told = move |reply: Result<Reply>| {
                            on_done(reply.map(|reply| reply.text().into_owned()));
                        };
                        engine.submit_with(&command(text), Box::new(told)).map(drop)
                    });
                    assert_eq!(pending.unwrap().wait_for(None).unwrap(), text);
                })
            })
            .into();
        callers.into_iter().for_each(|one| one.join().unwrap());
        engine.close(over());
        ticking.join().unwrap();
        assert_eq!(receiver.join().unwrap(), [0; 0]);
        server.join().unwrap();
    });
}

#[test]
fn a_lazy_watcher_reads_only_until_a_thread_does_and_leaves_nobody_asleep() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let watcher = watch(&engine, Watch::Lazy);
        let asking = {
            let engine = engine.clone();
            spawn(move || {
                for text in ["a", "b"] {
                    assert_eq!(ask(&engine, text, None).unwrap(), text);
                }
            })
        };
        // Long enough for the watcher to find the reader unused, and to take it.
        for _ in 0..3 {
            clock::pass(Duration::from_millis(110));
        }
        let receiver = receive(&engine);
        asking.join().unwrap();
        assert_eq!(ask(&engine, "c", None).unwrap(), "c");
        engine.close(over());
        assert_eq!(receiver.join().unwrap(), [0, 1, 2]);
        watcher.join().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn a_lazy_watcher_reads_what_no_thread_waits_for() {
    check(|| {
        let (engine, server) = ordinary();
        let watcher = watch(&engine, Watch::Lazy);
        let server = spawn(move || {
            server.write(event(0).as_bytes());
            server.hang_up();
        });
        server.join().unwrap();
        let ticking = ticking(&engine);
        watcher.join().unwrap();
        ticking.join().unwrap();
        assert_eq!(engine.inbox().queued(), 1, "and it is kept");
    });
}

#[test]
fn an_eager_watcher_reads_for_callers_that_come_and_go() {
    check(|| {
        let (engine, server) = ordinary();
        let server = chatty(server);
        let watcher = watch(&engine, Watch::Eager);
        let callers: Vec<_> = ["a", "b"]
            .map(|text| {
                let engine = engine.clone();
                spawn(move || {
                    assert_eq!(ask(&engine, text, None).unwrap(), text);
                    match ask(&engine, "late", Some(10)) {
                        Ok(reply) => assert_eq!(reply, "late"),
                        Err(error) => assert!(error.is_timeout(), "{error}"),
                    }
                })
            })
            .into();
        clock::pass(Duration::from_millis(20));
        clock::pass(Duration::from_millis(20));
        callers.into_iter().for_each(|one| one.join().unwrap());
        engine.close(over());
        watcher.join().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn a_watcher_that_reads_nothing_while_the_queue_is_full_leaves_callers_to_read() {
    check(|| {
        let mut options = Options::outbound();
        options.queue = QueueLimits::new(1, 1 << 20, Overflow::Block);
        let (engine, server) = line(4096, options);
        let server = chatty(server);
        let watcher = watch(&engine, Watch::Eager);
        let callers: Vec<_> = ["a", "b"]
            .map(|text| {
                let engine = engine.clone();
                spawn(move || assert_eq!(ask(&engine, text, None).unwrap(), text))
            })
            .into();
        callers.into_iter().for_each(|one| one.join().unwrap());
        assert_eq!(engine.inbox().stats().dropped_events, 0);
        assert_eq!(engine.inbox().queued(), 2, "a thread that waits for a reply still reads up to it");
        engine.close(over());
        watcher.join().unwrap();
        server.join().unwrap();
    });
}
