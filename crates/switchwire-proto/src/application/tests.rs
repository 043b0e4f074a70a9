//! Each argument, taken apart as the application does: what was meant arrives whole, or is refused.

use proptest::prelude::*;

use super::*;
use crate::HangupCause;
use crate::dial::passes::{expand, separate, words};
use crate::dial::{DialString, Endpoint, Leg};
use crate::vocabulary::{SayGender, SayMethod, SayType};

/// The words that the application gets.
fn got(application: &dyn Application) -> Result<Vec<String>, DialError> {
    application.argument().map(|argument| words(&expand(&argument)))
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "1", " ", ",", "'", "\\", "\"", "|", "$", "{a}", "^", "\\d", "(", ")", "+", "ż", "!", "@", "@@",
        "${x}", "$$", "\n", ".wav", "/", "%", "n", "s",
    ]);
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn words_arrive_whole_or_are_refused(file in nasty(), invalid in nasty(), pattern in nasty()) {
        let ask = PlayAndGetDigits::new(1, 4, &*file).invalid_file(&*invalid).pattern(&*pattern).digit_timeout(9);
        if let Ok(words) = got(&ask) {
            prop_assert_eq!(words, ["1", "4", "1", "5000", "#", &*file, &*invalid, "digits", &*pattern, "9"]);
        }
        if let Ok(words) = got(&Read::new(1, 4, &*file)) {
            prop_assert_eq!(words, ["1", "4", &*file, "digits", "5000", "#"]);
        }
        if let Ok(words) = got(&Record::new(&*file).limit(9).silence(200, 3)) {
            prop_assert_eq!(words, [&*file, "9", "200", "3"]);
        }
        if let Ok(words) = got(&Say::new("en", SayType::NameSpelled, SayMethod::Iterated, &*pattern)) {
            prop_assert_eq!(words, ["en", "name_spelled", "iterated", &*pattern]);
        }
    }

    #[test]
    fn texts_arrive_whole_or_are_refused(text in nasty()) {
        if let Ok(argument) = Playback::new(&*text).argument() {
            prop_assert_eq!(expand(&argument), &*text);
        }
        if let Ok(argument) = RecordSession::new(&*text).limit(5).argument() {
            prop_assert_eq!(expand(&argument), format!("{text} +5"));
        }
        if let Ok(argument) = Set::new("v", &*text).argument() {
            prop_assert_eq!(expand(expand(&argument).strip_prefix("v=").unwrap()), &*text);
        }
        if let Ok(argument) = Speak::new("flite", "kal", &*text).argument() {
            let fields = separate(&expand(&argument), '|', 10);
            prop_assert_eq!(fields, ["flite", "kal", text.trim_matches(' ')]);
        }
    }
}

#[test]
fn arguments_are_as_recorded() {
    let tone = "tone_stream://%(150,50,440)";
    let ask = PlayAndGetDigits::new(1, 6, tone).tries(2).timeout(3000).variable("got1");
    // ivr_pagd, ivr_read, ivr_record, ivr_say, ivr_conference: sent so, and understood.
    assert_eq!(
        ask.invalid_file("tone_stream://%(100,50,200)").argument().unwrap(),
        r"1 6 2 3000 # tone_stream://%(150,50,440) tone_stream://%(100,50,200) got1 \d+"
    );
    assert_eq!(
        PlayAndGetDigits::new(1, 1, tone)
            .pattern("[12]")
            .variable("choice")
            .invalid_file("silence_stream://30")
            .argument(),
        Ok("1 1 1 5000 # tone_stream://%(150,50,440) silence_stream://30 choice [12]".to_owned())
    );
    assert_eq!(
        Read::new(2, 2, "silence_stream://200").variable("name2").timeout(3000).argument().unwrap(),
        "2 2 silence_stream://200 name2 3000 #"
    );
    let record = Record::new("/opt/rec/a.wav").limit(10).silence(500, 5);
    assert_eq!(record.argument().unwrap(), "/opt/rec/a.wav 10 500 5");
    let say = Say::new("en", SayType::Number, SayMethod::Pronounced, "125");
    assert_eq!(say.argument().unwrap(), "en number pronounced 125");
    assert_eq!(say.gender(SayGender::Neuter).argument().unwrap(), "en number pronounced neuter 125");
    assert_eq!(Speak::new("flite", "kal", "hello").argument().unwrap(), "flite|kal|hello");
    assert_eq!(Conference::new("ivr3001").profile("default").argument().unwrap(), "ivr3001@default");
    let bridge =
        Bridge::new(DialString::new(Endpoint::loopback("7002", "default")).or(Endpoint::Null("5".into())));
    assert_eq!(bridge.argument().unwrap(), "loopback/7002/default|null/5");
    assert_eq!(Set::new("hangup_after_bridge", "false").argument().unwrap(), "hangup_after_bridge=false");
    assert_eq!(Set::new("v", "").argument().unwrap(), "v=");
}

#[test]
fn files_with_blanks_and_commas_arrive_whole_and_others_are_refused() {
    for good in
        ["a b.wav", "a,b.wav", "it's.wav", "a (1).wav", "C:\\a.wav", "ż.wav", "a+b.wav", "a{b}.wav", "$1.wav"]
    {
        assert_eq!(got(&Record::new(good)).unwrap(), [good]);
        assert_eq!(got(&Read::new(1, 1, good)).unwrap()[2], good);
        assert_eq!(expand(&Playback::new(good).argument().unwrap()), good);
    }
    let what = "file";
    for (bad, error) in [
        ("", DialError::Empty { what }),
        ("a!b.wav", DialError::Character { what, character: '!' }),
        (" a.wav", DialError::Character { what, character: ' ' }),
        ("a.wav ", DialError::Character { what, character: ' ' }),
        ("{rate=8000}a.wav", DialError::Character { what, character: '{' }),
        ("a\nb.wav", DialError::Character { what, character: '\n' }),
        ("a@@100", DialError::Sequence { what, sequence: "@@" }),
        ("${x}.wav", DialError::Sequence { what, sequence: "${" }),
    ] {
        let applications: [&dyn Application; 4] = [
            &Playback::new(bad),
            &Record::new(bad),
            &Read::new(1, 1, bad),
            &PlayAndGetDigits::new(1, 1, bad),
        ];
        for application in applications {
            assert_eq!(application.argument(), Err(error.clone()), "{} {bad:?}", application.name());
        }
    }
    let empty: [&str; 0] = [];
    assert!(Playback::files(empty).argument().is_err());
    assert_eq!(RecordSession::new("a +5").argument(), Err(DialError::Sequence { what, sequence: " +" }));
}

#[test]
fn other_arguments_are_checked() {
    let conference = Conference::new("room").profile("wide").pin("1234").flag("mute").flag("moderator");
    assert_eq!(conference.argument().unwrap(), "room@wide+1234+flags{mute|moderator}");
    for bad in [
        Conference::new("a b"),
        Conference::new("a@b"),
        Conference::new("a+1"),
        Conference::new("bridge:a"),
        Conference::new(""),
        Conference::new("a").pin("12a"),
        Conference::new("a").pin(""),
        Conference::new("a").flag("mute}"),
    ] {
        assert!(bad.argument().is_err(), "{bad:?}");
    }
    let range = |ask: PlayAndGetDigits| matches!(ask.argument(), Err(DialError::Range { .. }));
    assert!(range(PlayAndGetDigits::new(2, 1, "a")) && range(PlayAndGetDigits::new(0, 0, "a")));
    assert!(range(PlayAndGetDigits::new(1, 200, "a")) && range(PlayAndGetDigits::new(1, 1, "a").timeout(0)));
    assert!(range(PlayAndGetDigits::new(1, 1, "a").tries(0)));
    assert!(PlayAndGetDigits::new(1, 1, "a").terminators("x").argument().is_err());
    assert!(PlayAndGetDigits::new(1, 1, "a").terminators("").argument().unwrap().contains(" none "));
    assert!(Read::new(1, 1, "a").variable("a b").argument().is_err());
    assert!(Say::new("e n", SayType::Number, SayMethod::Counted, "1").argument().is_err());
    assert!(Say::new("en", SayType::from("a b"), SayMethod::Counted, "1").argument().is_err());
    assert!(Speak::new("a|b", "c", "d").argument().is_err());
    let comma = DialString::new(Leg::new(Endpoint::user("1"))).variable("v", "it's, yes");
    let text = Bridge::new(comma.clone()).argument().unwrap();
    assert_eq!(DialString::parse(&text, crate::dial::Carrier::Application).unwrap(), comma);
}

#[test]
fn control_arguments_are_words() {
    let text = |application: &dyn Application| application.argument().unwrap();
    let transfer = Transfer::new("3000");
    assert_eq!(text(&transfer), "3000");
    assert_eq!(text(&transfer.clone().context("public")), "3000 XML public");
    assert_eq!(text(&transfer.clone().dialplan("inline").leg(TransferLeg::Both)), "-both 3000 inline");
    assert_eq!(text(&ScheduledTransfer::new(60, transfer.clone().leg(TransferLeg::Peer))), "+60 3000");
    assert_eq!(text(&ScheduledHangup::new(60)), "+60");
    assert_eq!(text(&ScheduledHangup::new(60).cause(HangupCause::NormalClearing)), "+60 NORMAL_CLEARING");
    assert_eq!(text(&Sleep::new(500)), "500");
    assert_eq!(text(&Digits::new("12#w*").duration(200)), "12#w*@200");
    assert_eq!(text(&Displace::new("a b.wav").mix().limit(9)), "'a b.wav' m +9");
    assert_eq!(text(&Eavesdrop::new("0079ac22-d583")), "0079ac22-d583");
    assert_eq!(text(&Fifo::wait_in("q").music("local_stream://moh")), "q in undef local_stream://moh");
    assert_eq!(text(&Fifo::take_from("q 1").announce("a.wav")), "'q 1' out wait a.wav undef");
    assert_eq!(text(&ValetPark::stall("lot", "6001")), "lot 6001");
    assert_eq!(text(&ValetPark::any("lot", 8501, 8599)), "lot auto in 8501 8599");
    assert_eq!(text(&StopRecordSession::new("a b.wav")), "a b.wav");
    assert_eq!(text(&Export::new("a", "b c")), "a=b c");
    assert_eq!(text(&Export::new("a", "b").not_here()), "nolocal:a=b");
    assert_eq!(text(&Unset::new("a")), "a");
    assert_eq!(text(&Set::array("a", ["x", "y z"]).unwrap()), "a=ARRAY::x|:y z");
    assert_eq!(text(&AttendedTransfer::new(DialString::new(Endpoint::user("1")))), "user/1");
    let bad: [&dyn Application; 9] = [
        &Transfer::new("-both"),
        &Transfer::new(""),
        &transfer.clone().dialplan("a b"),
        &ScheduledHangup::new(1).cause(HangupCause::from("a b")),
        &Digits::new("1 2"),
        &Eavesdrop::new("a b"),
        &ValetPark::stall("a b", "1"),
        &Unset::new("a=b"),
        &Named::new("playback a"),
    ];
    for application in bad {
        assert!(application.argument().is_err(), "{}", application.name());
    }
    assert!(Set::array("a", ["x|:y"]).is_err() && Set::array("a", [""; 0]).is_err());
}

#[test]
fn api_commands_are_as_recorded() {
    let say = |command: Result<ApiCommand, DialError>| {
        command.map(|command| format!("{} {}", command.name(), command.arguments()))
    };
    let ok = |command| say(command).unwrap();
    assert_eq!(ok(ApiCommand::hangup("u", &HangupCause::UserBusy)), "uuid_kill u USER_BUSY");
    assert_eq!(
        ok(ApiCommand::transfer("u", &Transfer::new("1").leg(TransferLeg::Peer))),
        "uuid_transfer u -bleg 1"
    );
    assert_eq!(ok(ApiCommand::park("u")), "uuid_park u");
    assert_eq!(ok(ApiCommand::hold("u", false)), "uuid_hold off u");
    assert_eq!(ok(ApiCommand::mute("u", true)), "uuid_audio u start read mute -1");
    assert_eq!(ok(ApiCommand::unmute("u")), "uuid_audio u stop");
    assert_eq!(ok(ApiCommand::start_recording("u", "a b.wav", Some(9))), "uuid_record u start 'a b.wav' 9");
    assert_eq!(ok(ApiCommand::stop_recording("u", "all")), "uuid_record u stop all");
    assert_eq!(ok(ApiCommand::broadcast("u", "a.wav", TransferLeg::Both)), "uuid_broadcast u a.wav both");
    assert_eq!(ok(ApiCommand::displace("u", "a.wav", None, true)), "uuid_displace u start a.wav 0 mux");
    assert_eq!(ok(ApiCommand::stop_displacing("u", "a.wav")), "uuid_displace u stop a.wav");
    assert_eq!(ok(ApiCommand::stop_playback("u", true)), "uuid_break u all");
    assert_eq!(ok(ApiCommand::send_dtmf("u", &Digits::new("1#").duration(90))), "uuid_send_dtmf u 1#@90");
    assert_eq!(ok(ApiCommand::schedule_hangup("u", 5, None)), "sched_hangup +5 u");
    assert_eq!(ok(ApiCommand::schedule_transfer("u", 5, &Transfer::new("1"))), "sched_transfer +5 u 1");
    assert_eq!(ok(ApiCommand::exists("u")), "uuid_exists u");
    assert_eq!(ok(ApiCommand::dump("u")), "uuid_dump u");
    assert_eq!(ok(ApiCommand::variable("u", "v")), "uuid_getvar u v");
    for uuid in ["", "u v", "u\tv", "u'v", "u\\v", "${u}"] {
        for refused in [ApiCommand::park, ApiCommand::exists, ApiCommand::dump] {
            assert!(say(refused(uuid)).is_err(), "{uuid:?}");
        }
        assert!(
            say(ApiCommand::variable(uuid, "v")).is_err() && say(ApiCommand::variable("u", uuid)).is_err()
        );
    }
    assert!(say(ApiCommand::broadcast("u", "hangup::now", TransferLeg::This)).is_err());
    assert!(say(ApiCommand::start_recording("u", "a!b", None)).is_err());
}

#[test]
fn actions_have_an_api_command_and_mostly_an_application() {
    let both = |action: Action| {
        let api = action.api("u").unwrap();
        let application = action.application();
        let text = application.map(|run| format!("{} {}", run.name(), run.argument().unwrap()));
        (format!("{} {}", api.name(), api.arguments()), text.unwrap_or_default().trim().to_owned())
    };
    let same = |action, api: &str, application: &str| {
        assert_eq!(both(action), (api.to_owned(), application.to_owned()));
    };
    same(Action::Hangup(HangupCause::UserBusy), "uuid_kill u USER_BUSY", "");
    same(Action::Transfer(Transfer::new("1")), "uuid_transfer u 1", "transfer 1");
    same(Action::Park, "uuid_park u", "park");
    same(Action::Hold, "uuid_hold u", "hold");
    same(Action::Unhold, "uuid_hold off u", "unhold");
    same(Action::Mute { hearing: false }, "uuid_audio u start read mute -1", "");
    same(Action::Mute { hearing: true }, "uuid_audio u start write mute -1", "");
    same(Action::Unmute, "uuid_audio u stop", "");
    let recording = RecordSession::new("a.wav").limit(5);
    same(Action::StartRecording(recording), "uuid_record u start a.wav 5", "record_session a.wav +5");
    let stop = StopRecordSession::new("a.wav");
    same(Action::StopRecording(stop), "uuid_record u stop a.wav", "stop_record_session a.wav");
    let (file, leg) = ("a.wav".to_owned(), TransferLeg::This);
    same(Action::Broadcast { file: file.clone(), leg }, "uuid_broadcast u a.wav aleg", "");
    let displace = Displace::new("a.wav");
    same(Action::Displace(displace), "uuid_displace u start a.wav", "displace_session a.wav");
    same(Action::StopDisplacing { file }, "uuid_displace u stop a.wav", "stop_displace_session a.wav");
    same(Action::StopPlayback { all: true }, "uuid_break u all", "break all");
    same(Action::SendDtmf(Digits::new("1")), "uuid_send_dtmf u 1", "send_dtmf 1");
    same(Action::ScheduleHangup(ScheduledHangup::new(5)), "sched_hangup +5 u", "sched_hangup +5");
    let transfer = ScheduledTransfer::new(5, Transfer::new("1"));
    same(Action::ScheduleTransfer(transfer), "sched_transfer +5 u 1", "sched_transfer +5 1");
}
