//! `demo`: one call from start to end, every step verified.

use std::time::{Duration, Instant};

use clap::Args;
use switchwire::{Connection, Event, EventType, Job, Reply, Subscription};

use crate::failure::{Failure, Result};
use crate::legs::Legs;
use crate::server::ServerArgs;
use crate::{describe, output};

/// Make a call, show its events and hang up: on a simulator inside this program, or on a server if one is named
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct DemoArgs {
    /// The number or endpoint to call, as `originate` takes it
    #[arg(value_name = "DIAL-STRING", default_value = "loopback/9664")]
    dial: String,

    /// The application to run when the call is answered, as `originate` takes it
    #[arg(value_name = "APPLICATION", default_value = "&park()")]
    application: String,

    #[command(flatten)]
    server: ServerArgs,
}

const AFTER: &str = "\
The exit code is 0 only if the call was answered, its job succeeded, and every channel of it ended. No call is
left over: it is hung up whatever fails, and if this program is killed, the server ends the parked call after a minute.";

pub(crate) fn run(args: DemoArgs, outer: ServerArgs) -> Result {
    let server = args.server.over(outer)?.or_sim();
    let place = server.place()?;
    let session = server.connect()?;
    let connection = session.connection();
    output::line(format!("connected to {place}\n"))?;

    let status = accepted(connection.api("status", "")?, "status")?;
    output::reply(&status.text_bytes())?;
    connection.subscribe(&Subscription::new().events(WATCHED))?;
    output::line(format!("\nsubscribed to {} kinds of events\n", WATCHED.len()))?;

    let uuid = accepted(connection.api("create_uuid", "")?, "create_uuid")?.text().trim().to_owned();
    let mut call = Call { connection, legs: Legs::new(&uuid), uuid, job: None };
    let outcome = call.make(&args.dial, &args.application).and_then(|()| call.end());
    if outcome.is_err() {
        call.clean_up();
    }
    call.summary()?;
    outcome
}

struct Call<'a> {
    connection: &'a Connection,
    legs: Legs,
    /// The first channel's.
    uuid: String,
    /// The job's output.
    job: Option<String>,
}

impl Call<'_> {
    /// Originates in the background and waits until the job has succeeded, the call is answered and the application runs.
    fn make(&mut self, dial: &str, application: &str) -> Result {
        let variables = format!("origination_uuid={},originate_timeout=30,park_timeout=60", self.uuid);
        output::line(format!("originate {dial} {application}"))?;
        let job = self.connection.bgapi("originate", &format!("{{{variables}}}{dial} {application}"))?;
        self.watch("the call to be answered and to run its application", |call| {
            call.take_job(&job)?;
            Ok(call.job.is_some() && call.legs.answered() && call.legs.executes())
        })
    }

    fn take_job(&mut self, job: &Job) -> Result {
        if self.job.is_none()
            && let Some(event) = job.try_take()?
        {
            let text = event.body_text().unwrap_or_default().trim().to_owned();
            let ok = text.starts_with("+OK");
            self.job = Some(text);
            if !ok {
                return Err(Failure::failed("the server could not make the call"));
            }
        }
        Ok(())
    }

    /// Hangs up and waits until every channel has reported its end and the server knows none of them.
    fn end(&mut self) -> Result {
        output::line(format!("hang up {}", describe::short(&self.uuid)))?;
        self.connection.hangup_channel(&self.uuid, Some("NORMAL_CLEARING"))?;
        self.watch("the end of the call", |call| Ok(call.legs.ended()))?;
        self.watch("the channels to be gone", |call| call.gone())
    }

    /// Whether the server knows none of the call's channels.
    fn gone(&self) -> Result<bool> {
        for uuid in self.legs.uuids() {
            if self.connection.api("uuid_exists", uuid)?.text().trim() != "false" {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Shows the call's events until `done`.
    fn watch(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> Result<bool>) -> Result {
        let deadline = Instant::now() + LONGEST;
        while !done(self)? {
            if Instant::now() > deadline {
                return Err(Failure::failed(format!("timed out waiting for {what}")));
            }
            if let Some(event) = self.connection.recv_event_timeout(TICK)? {
                self.show(&event)?;
            }
        }
        Ok(())
    }

    fn show(&mut self, event: &Event) -> Result {
        match self.legs.note(event) {
            true => output::line(format!("  {}", describe::event(event))),
            false => Ok(()),
        }
    }

    /// Ends what is left of the call, after a failure. That failure will be reported, so further ones are ignored.
    fn clean_up(&mut self) {
        // The call may have channels that only events still in the queue name.
        for _ in 0..self.connection.stats().queued {
            let Ok(Some(event)) = self.connection.try_recv_event() else { break };
            let _ = self.show(&event);
        }
        for uuid in self.legs.uuids() {
            let _ = self.connection.api("uuid_kill", uuid);
        }
        let _ = self.watch("the channels to be gone", |call| call.gone());
    }

    fn summary(&self) -> Result {
        let print = |what, seen: Option<&str>| output::line(format!("{what:10}{}", seen.unwrap_or("no")));
        output::line("")?;
        print("job", self.job.as_deref())?;
        print("answered", self.legs.answered().then_some("yes"))?;
        print("hung up", self.legs.hangup_cause())?;
        let left = if self.gone().unwrap_or(false) { "none left" } else { "some may be left" };
        print("channels", Some(&format!("{}, {left}", self.legs.uuids().count())))
    }
}

fn accepted(reply: Reply, what: &str) -> Result<Reply> {
    match reply.error() {
        Some(refusal) => Err(Failure::failed(format!("the server refused {what}: {refusal}"))),
        None => Ok(reply),
    }
}

/// The events of a call and of the job that makes it.
const WATCHED: [EventType; 12] = [
    EventType::ChannelCreate,
    EventType::ChannelOriginate,
    EventType::ChannelProgress,
    EventType::ChannelProgressMedia,
    EventType::ChannelAnswer,
    EventType::ChannelExecute,
    EventType::ChannelExecuteComplete,
    EventType::ChannelPark,
    EventType::ChannelHangup,
    EventType::ChannelHangupComplete,
    EventType::ChannelDestroy,
    EventType::BackgroundJob,
];
/// How long each step may take.
const LONGEST: Duration = Duration::from_secs(40);
/// How often a condition is checked while no event comes.
const TICK: Duration = Duration::from_millis(50);
