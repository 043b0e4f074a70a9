//! Calls as objects, on the simulator.

mod support;

use std::time::Duration;

use support::{PATIENCE, on_each_runtime, simulated};
use switchwire_sim::Simulator;
use switchwire_tokio::application::{PlaybackEnd, Transfer};
use switchwire_tokio::dial::{Endpoint, Originate, Target};
use switchwire_tokio::{
    AnswerState, Call, Connection, ErrorKind, EventFormat, HangupCause, Phase, Subscription,
};
use tokio_stream::StreamExt as _;

fn to(extension: &str) -> Originate {
    Originate::new(Endpoint::loopback(extension, "default"), Target::application("park"))
}

async fn answered(simulator: &Simulator, connection: &Connection) -> Call {
    simulator.extension("1000", &[("answer", ""), ("park", "")]);
    connection.subscribe(&Subscription::all()).await.unwrap();
    connection.originate_call(&to("1000"), PATIENCE).await.unwrap()
}

#[test]
fn verbs_have_typed_outcomes_and_end_with_the_call() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let call = answered(&simulator, &connection).await;
        call.answer().await.unwrap();
        call.wait_for(AnswerState::Answered).await.unwrap();
        assert_eq!(call.playback("welcome.wav").await.unwrap().end, PlaybackEnd::Completed);
        call.set_all([("color", "red"), ("shape", "round")]).await.unwrap();
        assert_eq!(call.variable("shape").await.unwrap().as_deref(), Some("round"));
        call.unset("shape").await.unwrap();
        assert_eq!(call.variable("shape").await.unwrap(), None);
        let invalid = call.set("color", "a\nb").await.unwrap_err();
        assert_eq!(invalid.kind(), ErrorKind::InvalidArgument);
        assert!(call.refresh().await.unwrap().header("variable_color").is_some());

        let brief = call.timeout(Duration::from_millis(10));
        let late = brief.playback("silence_stream://-1").await.unwrap_err();
        assert_eq!((late.kind(), late.phase()), (ErrorKind::Timeout, Some(Phase::Execute)));
        call.stop_playback().await.unwrap();

        let (playing, other) = (call.clone(), call.clone());
        let playing = tokio::spawn(async move { playing.playback("silence_stream://-1").await });
        other.hangup(HangupCause::UserBusy).await.unwrap();
        let error = playing.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.cause()), (ErrorKind::Hangup, Some(HangupCause::UserBusy)));
        call.wait_for(AnswerState::Hangup).await.unwrap();
        assert!(call.hung_up());
        assert_eq!(call.playback("x").await.unwrap_err().kind(), ErrorKind::Hangup);
        call.hangup(HangupCause::NormalClearing).await.unwrap();
        assert_eq!(call.transfer(Transfer::new("1")).await.unwrap_err().kind(), ErrorKind::Hangup);
    });
}

#[test]
fn digits_come_as_a_stream_that_ends_with_the_call() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let call = answered(&simulator, &connection).await;
        let digits = call.dtmf().unwrap();
        let press = |digits: &'static str| {
            let (connection, uuid) = (connection.clone(), call.uuid().to_owned());
            async move { connection.api("uuid_recv_dtmf", &format!("{uuid} {digits}")).await.unwrap() }
        };
        let (received, _) = tokio::join!(call.wait_for_dtmf(3, PATIENCE, "#"), async {
            assert!(press("12#").await.is_ok());
        });
        let received = received.unwrap();
        assert_eq!((&*received.digits, received.terminator), ("12", Some('#')));
        let none = call.wait_for_dtmf(1, Duration::from_millis(5), "").await.unwrap();
        assert_eq!((&*none.digits, none.end.name()), ("", "timeout"));
        call.hangup(HangupCause::NormalClearing).await.unwrap();
        let all: String = digits.map(|digit| digit.digit).collect::<Vec<_>>().await.into_iter().collect();
        assert_eq!(all, "12#");
        assert_eq!(call.dtmf().unwrap_err().kind(), ErrorKind::Hangup);
    });
}

#[test]
fn an_originate_says_why_it_failed_and_can_be_cancelled() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let unheard = connection.originate(&to("busy")).unwrap_err();
        assert_eq!(unheard.kind(), ErrorKind::NotSubscribed);
        connection.events(EventFormat::Plain, "BACKGROUND_JOB CHANNEL_HANGUP_COMPLETE").await.unwrap();
        simulator.extension("busy", &[("hangup", "USER_BUSY")]);
        let busy = connection.originate(&to("busy")).unwrap().wait().await.unwrap_err();
        assert_eq!(busy.cause(), Some(HangupCause::UserBusy));

        simulator.extension("ringing", &[("ring_ready", ""), ("sleep", "600000")]);
        let ringing = connection.originate(&to("ringing")).unwrap();
        let pending = tokio::time::timeout(Duration::from_millis(20), ringing.wait()).await;
        assert!(pending.is_err(), "it rings");
        ringing.cancel().await.unwrap();
        assert_eq!(ringing.wait().await.unwrap_err().kind(), ErrorKind::Hangup);
        support::until(|| simulator.channels() == 0).await;

        simulator.extension("1000", &[("answer", ""), ("park", "")]);
        let answered = connection.originate(&to("1000")).unwrap();
        let uuid = answered.wait().await.unwrap();
        assert_eq!((&*uuid, answered.uuids()), (answered.uuid(), &[uuid.clone()][..]));
        answered.cancel().await.unwrap();
        assert_eq!(answered.wait().await.unwrap(), uuid, "what was given as answered is not touched");
        connection.call(uuid).unwrap().hangup(HangupCause::NormalClearing).await.unwrap();
    });
}
