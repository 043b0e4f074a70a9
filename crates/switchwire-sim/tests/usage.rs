//! Every command gets a reply, whatever it is given, and says what it needs as a real server does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use common::Client;
use switchwire_sim::Simulator;

/// The names that the simulator itself lists.
fn names(client: &mut Client) -> Vec<String> {
    let help = client.api("help");
    let lines = help.lines().filter(|line| line.contains(",mod_"));
    let names: Vec<_> = lines.filter_map(|line| Some(line.split_once(',')?.0.to_owned())).collect();
    assert!(names.len() > 40, "{names:?}");
    names
}

#[test]
fn every_command_replies_whatever_it_is_given() {
    let unknown = "99999999-0000-4000-8000-000000000000";
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    let uuid = client.api("originate null/1 &park").trim_end().strip_prefix("+OK ").unwrap().to_owned();
    for name in names(&mut client) {
        for arguments in
            ["", " ", "x", "x y", "a b c d", "off", unknown, &uuid, &format!("{uuid} {unknown} x")]
        {
            let command = format!("{name} {arguments}");
            // These two take it at its word.
            if name == "shutdown" || command.trim() == "fsctl shutdown" {
                continue;
            }
            for line in [command.clone(), format!("{command}\nconsole_execute: true")] {
                client.send(format!("api {line}\n\napi echo after {name}\n\n"));
                let reply = client.reply_to(&line);
                assert!(!reply.body.is_empty(), "{line}");
                assert_eq!(client.reply_to(&line).text(), format!("after {name}"), "{line}");
            }
        }
    }
}

#[test]
fn what_is_missing_is_said_in_the_servers_words() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    let uuid = client.api("originate null/1 &park").trim_end().strip_prefix("+OK ").unwrap().to_owned();
    for (command, answer) in [
        ("uuid_bridge", "-USAGE: <uuid> <other_uuid>\n"),
        ("uuid_bridge U", "-USAGE: <uuid> <other_uuid>\n"),
        ("uuid_bridge U N", "-ERR Invalid uuid\n"),
        ("uuid_answer", "-ERROR\n"),
        ("uuid_break", "-USAGE: <uuid> [all]\n"),
        ("uuid_break N", "-ERR No such channel!\n"),
        ("uuid_broadcast U", "-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n"),
        ("uuid_broadcast N x", "-ERR invalid uuid\n"),
        ("uuid_displace N x", "-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n"),
        ("uuid_dump", "-USAGE: <uuid> [format]\n"),
        ("uuid_exists", "false"),
        ("uuid_getvar", "-USAGE: <uuid> <var>\n"),
        ("uuid_getvar U", "-USAGE: <uuid> <var>\n"),
        ("uuid_hold", "-USAGE: [off|toggle] <uuid> [<display>]\n-ERR Operation failed\n"),
        ("uuid_hold N", "+OK Success\n"),
        ("uuid_kill", "-USAGE: <uuid> [cause]\n"),
        ("uuid_media", "-USAGE: [off] <uuid>\n-ERR Operation failed\n"),
        ("uuid_park", "-ERR No such channel!\n"),
        ("uuid_phone_event N", "-ERR Operation failed\n"),
        (
            "uuid_record U start",
            "-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]\n",
        ),
        ("uuid_recv_dtmf N", "-USAGE: <uuid> <dtmf_data>\n"),
        ("uuid_recv_dtmf U 1", "+OK U received DTMF 1.\n"),
        ("uuid_send_dtmf N x", "-ERR Cannot locate session!\n"),
        ("uuid_send_dtmf U 12#", "+OK U sent DTMF 12#.\n"),
        ("uuid_setvar N", "-USAGE: <uuid> <var> [value]\n"),
        ("uuid_setvar_multi", "-USAGE: <uuid> <var>=<value>;<var>=<value>...\n"),
        ("uuid_transfer U", "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n"),
        ("bgapi", "-ERR Invalid syntax\n"),
        ("load", "-USAGE: <mod_name>\n"),
        ("unload", "-USAGE: [-f] <mod_name>\n"),
        ("module_exists", "-ERR no reply\n"),
        ("global_setvar", "-USAGE: <var>=<value> [=<value2>]\n"),
        ("regex abc", "-ERR"),
        ("expand", "-ERR No input\n"),
        ("alias add", "-USAGE: [add|stickyadd] <alias> <command> | del [<alias>|*]\n"),
        ("uptime x", "-USAGE: [us|ms|s|m|h|d|microseconds|milliseconds|seconds|minutes|hours|days]\n"),
        ("time_test", "parameter missing\n"),
        ("msleep x", "+OK"),
        ("show channels as nosuch", "-ERR Cannot find format nosuch\n"),
    ] {
        let given = |text: &str| {
            let words = text.split(' ').map(|word| match word {
                "U" => uuid.as_str(),
                "N" => "99999999-0000-4000-8000-000000000000",
                word => word,
            });
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(client.api(&given(command)), given(answer), "{command}");
    }
}

#[test]
fn a_consoles_line_may_be_several_commands_and_aliases() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    let mut console = |line: &str| client.api(&format!("{line}\nconsole_execute: true"));
    assert_eq!(console("echo one;;hostname"), "onevm");
    assert_eq!(console("msleep 5;;echo two"), "+OKtwo");
    // The last one decides, and a blank before a command makes it another one.
    assert_eq!(console("nosuch;;echo one"), "one");
    assert_eq!(console("echo one ;; hostname"), "-ERR echo one ;; hostname Command not found!\n");
    assert_eq!(console("nosuch x"), "-ERR nosuch x Command not found!\n");
    assert_eq!(console("echo"), "-ERR no reply\n");
    assert_eq!(console(""), "-ERR  Command not found!\n");
    assert_eq!(console("alias add who echo a;;hostname"), "+OK\n");
    // What follows the alias goes to the last of its commands, which takes no notice here.
    assert_eq!(console("who b"), "\nExpand Alias [who]->[echo a;;hostname]\n\navm");
    assert_eq!(console("alias add loop loop"), "+OK\n");
    assert!(console("loop").ends_with("-ERR loop Command not found!\n"));
    assert_eq!(console(&"echo x;;".repeat(10_000)).len(), "-ERR  Command not found!\n".len() + 80_000);
    assert_eq!(client.api("echo one;;hostname"), "one;;hostname", "only on the console");
    assert_eq!(client.api("who"), "-ERR who Command not found!\n");
}
