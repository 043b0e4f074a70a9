//! What is typed into `fs_cli`: slash commands, commands of the server, and where lines come from instead of a terminal.
//! The rows of the README's table.

#[path = "support/desk.rs"]
mod desk;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::path::Path;

use desk::{Desk, OTHER, UUID, clear, line};
use switchwire::LogLevel;
use terminal::Terminal;

#[test]
fn help_lists_the_slash_commands() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "/help", "This list");
    for command in [
        "/exit, /quit, /bye, ...",
        "/event, /noevents, /nixevent",
        "/log, /nolog",
        "/uuid",
        "/filter",
        "/logfilter",
        "/debug [0-7]",
    ] {
        assert!(console.screen().contains(command), "{}", console.screen());
    }
}

#[test]
fn exit_quit_bye_and_dots_end_it() {
    let desk = Desk::new();
    for word in ["/exit", "/quit", "/bye", "...", "/...", "/EXIT"] {
        let mut console = desk.ready(&["-q"]);
        console.type_keys(&format!("{word}\r"));
        assert_eq!(console.end(), 0, "{word}");
    }
}

#[test]
fn event_subscribes_and_events_are_shown_above_the_line() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "/event plain CUSTOM my::event", "+OK event listener enabled plain");
    console.type_keys("echo half");
    console.wait_for("> echo half");
    let mut event = switchwire::Event::custom("my::event");
    event.add_header("Came", "now");
    desk.simulator.fire(event);
    console.wait_for("RECV EVENT\n");
    console.wait_for("Event-Subclass: my::event\n");
    console.wait_for("Came: now");
    console.wait_until(|screen| screen.trim_end().ends_with("> echo half"), "the line, whole, at the end");
    console.type_keys(" typed\r");
    console.wait_for("\nhalf typed\n");
}

/// Fires an event and says whether the console shows it before the reply to a line.
#[track_caller]
fn is_shown(desk: &Desk, console: &mut Terminal, mark: &str) -> bool {
    let mut event = switchwire::Event::custom("my::event");
    event.add_header("Mark", mark).add_header("Unique-ID", UUID);
    desk.simulator.fire(event);
    // The reply comes on the same connection, after the event; a line of the log after both.
    line(console, &format!("echo after {mark}"), &format!("\nafter {mark}\n"));
    desk.log(0, "", &format!("behind {mark}"));
    console.wait_for(&format!("behind {mark}"));
    console.screen().contains(&format!("Mark: {mark}"))
}

#[test]
fn noevents_and_nixevent_take_subscriptions_back() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    let on = "/event plain CUSTOM my::event";
    line(&mut console, on, "+OK event listener enabled plain");
    assert!(is_shown(&desk, &mut console, "one"));
    line(&mut console, "/nixevent CUSTOM my::event", "+OK events nixed");
    assert!(!is_shown(&desk, &mut console, "two"));
    clear(&mut console);
    line(&mut console, on, "+OK event listener enabled plain");
    assert!(is_shown(&desk, &mut console, "three"));
    line(&mut console, "/noevents", "+OK no longer listening for events");
    assert!(!is_shown(&desk, &mut console, "four"));
}

#[test]
fn filter_lets_some_events_through() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "/event plain CUSTOM my::event", "+OK event listener enabled plain");
    line(&mut console, "/filter Unique-ID other", "+OK filter added. [Unique-ID]=[other]");
    assert!(!is_shown(&desk, &mut console, "one"));
    line(&mut console, &format!("/filter Unique-ID {UUID}"), "+OK filter added. [Unique-ID]=[0f0e");
    assert!(is_shown(&desk, &mut console, "two"));
    line(&mut console, "/filter delete all", "+OK filter deleted. [all][]");
}

#[test]
fn log_and_nolog_choose_the_level() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "/log notice", "+OK log level notice [5]");
    desk.simulator.log(LogLevel::Debug, "too fine");
    desk.simulator.log(LogLevel::Notice, "noticed");
    console.wait_for("noticed");
    line(&mut console, "/nolog", "+OK no longer logging");
    desk.simulator.log(LogLevel::Err, "not asked for");
    line(&mut console, "echo done", "\ndone\n");
    line(&mut console, "/log 3", "+OK log level 3 [3]");
    desk.simulator.log(LogLevel::Err, "asked for");
    console.wait_for("asked for");
    let screen = console.screen();
    assert!(!screen.contains("too fine") && !screen.contains("not asked for"), "{screen}");
    // The console's own level is the connection's here.
    line(&mut console, "console loglevel debug", "+OK log level debug [7]");
    desk.simulator.log(LogLevel::Debug, "fine enough");
    console.wait_for("fine enough");
}

#[test]
fn uuid_shows_one_channels_log_lines_alone() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-l", "debug"]);
    line(&mut console, &format!("/uuid {UUID}"), "UUID filtering enabled");
    desk.log(7, OTHER, "first of another");
    desk.log(7, UUID, "first of that channel");
    console.wait_for("first of that channel");
    assert!(!console.screen().contains("first of another"), "{}", console.screen());
    line(&mut console, "/uuid", "UUID filtering disabled");
    desk.log(7, OTHER, "second of another");
    console.wait_for("second of another");
}

#[test]
fn logfilter_shows_lines_with_a_text_alone() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-l", "debug"]);
    line(&mut console, "/logfilter two words", "Logfilter enabled");
    desk.log(7, "", "two other words");
    desk.log(7, "", "with two words in it");
    console.wait_for("with two words in it");
    assert!(!console.screen().contains("two other words"), "{}", console.screen());
    line(&mut console, "/logfilter", "Logfilter disabled");
    desk.log(7, "", "anything");
    console.wait_for("anything");
}

#[test]
fn debug_takes_a_level() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "/debug 7", "fs_cli debug level set to 7");
    line(&mut console, "/debug 8", "fs_cli debug level must be 0 - 7");
}

#[test]
fn an_unknown_slash_command_is_said_to_be_so() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "/nosuch", "Unknown command [nosuch]");
    line(&mut console, "....", "Unknown command [....]");
}

#[test]
fn anything_else_is_run_as_on_the_servers_console() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    line(&mut console, "  echo by itself", "\nby itself\n");
    line(&mut console, "nosuch", "-ERR nosuch Command not found!");
    // Several in one line, and an alias.
    line(&mut console, "echo one;;echo two", "\nonetwo\n");
    line(&mut console, "alias add hello echo from an alias", "+OK");
    line(&mut console, "hello", "\nfrom an alias\n");
    // Nothing is sent for an empty line.
    let before = console.screen().matches("from an alias").count();
    console.type_keys("\r   \r");
    line(&mut console, "echo after", "\nafter\n");
    assert_eq!(console.screen().matches("from an alias").count(), before);
}

/// A shell in the terminal, with the program's words as `"$@"`.
fn shell(desk: &Desk, script: &str) -> Terminal {
    let program = desk.home().join("fs_cli");
    let words =
        ["-c", script, "sh", program.to_str().unwrap(), "-P", desk.port(), "-p", desk.password(), "-q"];
    Terminal::start(Path::new("/bin/sh"), desk.home(), &words, 120)
}

#[test]
fn lines_come_from_pipes_and_here_documents() {
    let desk = Desk::new();
    for script in [
        "printf 'echo one\\n\\n/log err\\necho two' | \"$@\"; echo \"code $?\"",
        "\"$@\" <<'END'\necho one\n\n/log err\necho two\nEND\necho \"code $?\"",
    ] {
        let mut run = shell(&desk, script);
        assert_eq!(run.end(), 0);
        assert_eq!(run.screen().trim_end(), "one\n+OK log level err [3]\ntwo\ncode 0");
    }
    // What comes after the end is not run; the output may go through a pipe, too.
    let mut run = shell(&desk, "printf 'echo one\\n/exit\\necho two\\n' | \"$@\" | cat");
    assert_eq!(run.end(), 0);
    assert_eq!(run.screen().trim_end(), "one");
}

#[test]
fn batch_mode_prompts_for_each_line_of_a_pipe() {
    let desk = Desk::new();
    let mut run = shell(&desk, "printf 'echo one\\n...\\n' | \"$@\" -b");
    assert_eq!(run.end(), 0);
    assert_eq!(run.screen().trim_end(), "freeswitch@fs-loopback> one\nfreeswitch@fs-loopback>");
}

#[test]
fn what_is_typed_is_carried_out_while_the_log_floods() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-l", "debug"]);
    let lines = 200_000;
    let mut flood = String::new();
    for number in 0..100 {
        flood.push_str(&desk::log_frame(7, "", &format!("flood {number}")));
    }
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..lines / 100 {
                desk.simulator.send_raw(flood.as_str());
            }
        });
        console.wait_for_written("flood 99");
        console.type_keys("echo typed;;echo meanwhile\r");
        console.wait_for_written("typedmeanwhile");
    });
    // Every line was shown, or counted as not shown: seen with the line that comes next.
    let accounted = |console: &Terminal| {
        let written = String::from_utf8_lossy(&console.raw);
        let count =
            |rest: &str| rest.split_once(" not shown").and_then(|(count, _)| count.parse::<usize>().ok());
        let left_out: usize = written.split('[').filter_map(count).sum();
        (written.matches("flood ").count() + written.matches("mark\u{1b}").count(), left_out)
    };
    let mut marks = 0;
    loop {
        desk.log(7, "", "mark");
        marks += 1;
        // The simulator takes commands between what it was told to send: the flood may not be over.
        std::thread::sleep(std::time::Duration::from_millis(20));
        console.type_keys(&format!("echo round;;echo {marks}\r"));
        console.wait_for_written(&format!("round{marks}"));
        let (shown, left_out) = accounted(&console);
        assert!(shown + left_out <= lines + marks, "{shown} + {left_out}");
        if shown + left_out == lines + marks {
            assert!(left_out > 0, "nothing was left out");
            break;
        }
        assert!(marks < 1000, "{shown} + {left_out} of {}", lines + marks);
    }
}
