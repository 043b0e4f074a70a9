//! A call on a server, and the far end that presses keys and hangs up.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

use std::sync::mpsc;

use switchwire::proto::AnswerState;
use switchwire::{Call, Connection, EventFormat, EventType, Listener};

use super::server::Server;
use super::support::PATIENCE;

pub const LONG: &str = "tone_stream://%(60000,0,350)";
pub const SHORT: &str = "silence_stream://30";

/// The far end of the call under test: sees its events on a connection of its own.
pub struct FarEnd {
    pub control: Connection,
    pub uuid: String,
}

impl FarEnd {
    /// Waits for that event of the call.
    pub fn wait(&self, event_type: EventType, application: &str) {
        loop {
            let event = self.control.recv_event_timeout(PATIENCE).unwrap().expect("the event does not come");
            let here = event.unique_id().as_deref() == Some(&self.uuid);
            if here
                && event.event_type() == event_type
                && event.header("Application").unwrap_or_default() == application
            {
                return;
            }
        }
    }

    /// Waits for something that begins or ends to listen to the call's media; gives what it listens to.
    pub fn wait_for_bug(&self, event_type: EventType, function: &str) -> String {
        loop {
            let event = self.control.recv_event_timeout(PATIENCE).unwrap().expect("the event does not come");
            if event.unique_id().as_deref() == Some(&self.uuid)
                && event.event_type() == event_type
                && event.header("Media-Bug-Function").as_deref() == Some(function)
            {
                return event.header("Media-Bug-Target").unwrap_or_default().into_owned();
            }
        }
    }

    fn dial(&self, application: &str) {
        let dial = format!(
            "{{origination_uuid={},loopback_bowout=false}}loopback/9664/default '&{application}'",
            self.uuid
        );
        assert!(self.control.bgapi("originate", &dial).is_ok());
    }

    /// Presses keys once the application runs.
    pub fn press(&self, application: &str, digits: &str) {
        self.wait(EventType::ChannelExecute, application);
        self.press_now(digits);
    }

    pub fn press_now(&self, digits: &str) {
        let reply = self.control.api("uuid_recv_dtmf", &format!("{} {digits}", self.uuid)).unwrap();
        assert!(reply.is_ok(), "{}", reply.text());
    }

    pub fn kill(&self, uuid: &str, cause: &str) {
        self.control.api("uuid_kill", &format!("{uuid} {cause}")).unwrap();
    }

    pub fn new_uuid(&self) -> String {
        self.control.api("create_uuid", "").unwrap().text().into_owned()
    }
}

/// The two ways in which a program has a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The call's own connection, which the server opened.
    Outbound,
    /// `connection.call(uuid)`, on a connection that the program opened.
    Inbound,
}

/// Runs `handler` on the connection of a call with these socket options, and beside it `far_end`; gives what `handler`
/// returns.
pub fn with_connection<T: Send + 'static>(
    options: &str,
    handler: impl Fn(Connection) -> T + Send + Sync + 'static,
    far_end: impl FnOnce(&FarEnd),
) -> Option<T> {
    let server = Server::start();
    if !server.is_local() {
        super::support::skip("the server cannot connect to this machine's loopback");
        return None;
    }
    let far = far(&server);
    let (tell, told) = mpsc::channel();
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let listener = listener.serve(move |call| tell.send(handler(call)).unwrap()).unwrap();
    far.dial(&format!("socket({} {options})", listener.local_addr()));
    far_end(&far);
    let result = told.recv_timeout(PATIENCE).expect("the call does not come to an end");
    far.kill(&far.uuid, "NORMAL_CLEARING");
    assert!(listener.stop(PATIENCE));
    Some(result)
}

/// Runs `handler` on a call that is answered, in either way.
pub fn with_call<T: Send + 'static>(
    way: Way,
    handler: impl Fn(Call) -> T + Send + Sync + 'static,
    far_end: impl FnOnce(&FarEnd),
) -> Option<T> {
    if way == Way::Outbound {
        let own = move |connection: Connection| {
            connection.linger(Some(5)).unwrap();
            connection.myevents(None).unwrap();
            handler(answered(connection.own_call().unwrap()))
        };
        return with_connection("async full", own, far_end);
    }
    let server = Server::start();
    let far = far(&server);
    let connection = server.connect();
    connection.events(EventFormat::Plain, "ALL").unwrap();
    let call = connection.call(&far.uuid).unwrap();
    far.dial("park()");
    call.wait_for(AnswerState::Answered, PATIENCE).unwrap();
    let result = std::thread::scope(|scope| {
        let handled = scope.spawn(|| handler(answered(call)));
        let unhurt = EndsTheCall(&far);
        far_end(&far);
        std::mem::forget(unhurt);
        handled.join().unwrap()
    });
    far.kill(&far.uuid, "NORMAL_CLEARING");
    Some(result)
}

/// Hangs the call up when a far end fails: else its handler would wait, and the failure would never be shown.
struct EndsTheCall<'a>(&'a FarEnd);

impl Drop for EndsTheCall<'_> {
    fn drop(&mut self) {
        self.0.kill(&self.0.uuid, "NORMAL_CLEARING");
    }
}

fn far(server: &Server) -> FarEnd {
    let control = server.connect();
    control
        .events(
            EventFormat::Plain,
            "CHANNEL_EXECUTE CHANNEL_BRIDGE CHANNEL_HOLD CHANNEL_UNHOLD MEDIA_BUG_START MEDIA_BUG_STOP \
             CUSTOM conference::maintenance",
        )
        .unwrap();
    let uuid = control.api("create_uuid", "").unwrap().text().into_owned();
    FarEnd { control, uuid }
}

fn answered(call: Call) -> Call {
    call.answer().unwrap();
    assert!(call.answered());
    call
}
