//! Every key of `fs_cli`, under its name, in a pseudo-terminal against the simulator. The rows of the README's table.

#[path = "support/desk.rs"]
mod desk;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use desk::{Desk, UUID, clear, idle, line};
use terminal::Terminal;

/// What `fs_cli` binds to F1 to F12.
const BOUND: [&str; 12] = [
    "help",
    "status",
    "show channels",
    "show calls",
    "sofia status",
    "reloadxml",
    "/log console",
    "/log debug",
    "sofia status profile internal",
    "fsctl pause",
    "fsctl resume",
    "version",
];
/// What terminals send for them: the first four in two ways.
const SENT: [&str; 12] = [
    "\u{1b}OP",
    "\u{1b}OQ",
    "\u{1b}OR",
    "\u{1b}OS",
    "\u{1b}[15~",
    "\u{1b}[17~",
    "\u{1b}[18~",
    "\u{1b}[19~",
    "\u{1b}[20~",
    "\u{1b}[21~",
    "\u{1b}[23~",
    "\u{1b}[24~",
];

/// Types keys, then Enter; the line that they made is run by `echo`, so it comes back alone.
#[track_caller]
fn makes(console: &mut Terminal, keys: &str, made: &str) {
    console.type_keys(&format!("{keys}\r"));
    console.wait_for(&format!("\n{made}\n"));
    idle(console);
}

#[test]
fn control_c_says_how_to_end_and_takes_the_line_away() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("half a line\u{3}");
    console.wait_for("Type control-D or /exit or /quit or /bye to exit.");
    idle(&mut console);
    makes(&mut console, "echo still here", "still here");
}

#[test]
fn control_c_ends_the_wait_for_a_reply() {
    let desk = Desk::new();
    let (asked, is_asked) = std::sync::mpsc::channel();
    // It never replies.
    desk.simulator.api_later("hang", move |_, respond| asked.send(respond).unwrap());
    let mut console = desk.ready(&["-q"]);
    // Control-z does not stop the program: it would hold up the server's events.
    for key in ["\u{3}", "\u{1a}"] {
        console.type_keys("hang\r");
        let _never = is_asked.recv().unwrap();
        console.type_keys(key);
        line(&mut console, "", "Interrupted: the reply is no longer waited for.");
        clear(&mut console);
    }
}

#[test]
fn control_z_does_not_stop_it() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("\u{1a}");
    console.wait_for("Type control-D or /exit or /quit or /bye to exit.");
    idle(&mut console);
    makes(&mut console, "echo still here", "still here");
}

#[test]
fn control_backslash_does_not_end_it() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("\u{1c}");
    console.wait_for("Type control-D or /exit or /quit or /bye to exit.");
    idle(&mut console);
    makes(&mut console, "echo still here", "still here");
}

#[test]
fn control_d_ends_an_empty_line_and_deletes_in_another() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    makes(&mut console, "echo abc\u{1b}[D\u{1b}[D\u{4}", "ac");
    console.type_keys("\u{4}");
    console.wait_for("\n/exit");
    assert_eq!(console.end(), 0);
}

#[test]
fn function_keys_run_the_lines_of_fs_cli() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    for (number, (sent, bound)) in SENT.iter().zip(BOUND).enumerate() {
        clear(&mut console);
        console.type_keys(sent);
        console.wait_for_written(&format!("{bound}\n").replace('\n', "\r\n"));
        idle(&mut console);
        assert!(!console.screen().contains("not bound"), "F{}: {}", number + 1, console.screen());
    }
    // The other way of the first four.
    for (sent, bound) in ["\u{1b}[11~", "\u{1b}[12~", "\u{1b}[13~", "\u{1b}[14~"].iter().zip(BOUND) {
        clear(&mut console);
        console.type_keys(sent);
        console.wait_for(bound);
        idle(&mut console);
    }
}

#[test]
fn a_profile_binds_function_keys_and_their_second_press() {
    let desk = Desk::new();
    desk.write(
        ".fs_cli_conf",
        "[default]\nkey_F2 => echo once\nkey_toggle_F2 => echo twice\nkey_F12 => echo twelve\nquiet => true\n",
    );
    let mut console = desk.ready(&[]);
    console.type_keys("echo kept\u{1b}OQ");
    console.wait_for("\nonce\n");
    // What is being typed stays.
    console.wait_until(|screen| screen.trim_end().ends_with("> echo kept"), "the typed line");
    console.type_keys("\u{1b}OQ");
    console.wait_for("\ntwice\n");
    console.wait_until(|screen| screen.trim_end().ends_with("> echo kept"), "the typed line");
    makes(&mut console, "", "kept");
    console.type_keys("\u{1b}[24~");
    console.wait_for("\ntwelve\n");
}

#[test]
fn tab_offers_commands_and_their_words_by_the_server() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("uuid_exi\t");
    console.wait_for("> uuid_exists");
    // Of several, the common part is written and all are listed.
    console.type_keys("\u{15}uuid_du\t");
    console.wait_for("uuid_dual_transfer");
    console.wait_for("uuid_dump");
}

#[test]
fn tab_offers_the_words_of_a_command_by_the_server() {
    // The simulator itself completes commands alone.
    let complete = |line: &str| match line {
        "show c" => "\n\n[               calls]\t[            channels]\t\n\n\nwrite=1:c".to_owned(),
        "show cha" => "\n\n[            channels]\t\n\nwrite=3:channels ".to_owned(),
        // With the cursor inside the line, where it is.
        "c=8;show cha" => "\n\n[            channels]\t\n\nwrite=3:channels ".to_owned(),
        other => panic!("{other:?} was asked for"),
    };
    let desk = Desk::with(switchwire_sim::Simulator::builder().api("console_complete", complete));
    let mut console = desk.ready(&["-q"]);
    console.type_keys("show c\t");
    console.wait_for("calls");
    console.wait_for("channels");
    console.type_keys("ha\t");
    console.wait_until(|screen| screen.trim_end().ends_with("> show channels"), "the word");
    console.type_keys(
        "\u{15}show cha as json\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\t",
    );
    console.wait_until(|screen| screen.trim_end().ends_with("> show channels  as json"), "the word inside");
}

#[test]
fn tab_offers_the_uuids_that_are_up() {
    let other = desk::OTHER;
    // The blank behind a command asks for its words.
    let complete = move |line: &str| match line {
        "uuid_dump " => format!("\n\n[{UUID}]\t[{other}]\t\n\n\nwrite=0:"),
        "uuid_dump 0f" => format!("\n\n[{UUID}]\t\n\nwrite=2:{UUID} "),
        line => panic!("{line:?} was asked for"),
    };
    let desk = Desk::with(switchwire_sim::Simulator::builder().api("console_complete", complete));
    let mut console = desk.ready(&["-q"]);
    console.type_keys("uuid_dump \t");
    console.wait_for(UUID);
    console.wait_for(other);
    console.type_keys("0f\t");
    console.wait_until(|screen| screen.trim_end().ends_with(&format!("> uuid_dump {UUID}")), "the uuid");
}

#[test]
fn tab_completes_slash_commands() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("/noe\t");
    console.wait_for("> /noevents");
}

#[test]
fn up_and_down_go_through_the_lines_typed() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    makes(&mut console, "echo one", "one");
    makes(&mut console, "echo two", "two");
    // Also by Control-p and Control-n.
    for (up, down) in [("\u{1b}[A", "\u{1b}[B"), ("\u{10}", "\u{e}")] {
        console.type_keys(&format!("\u{c}{up}{up}"));
        console.wait_until(|screen| screen.trim_end().ends_with("> echo one"), "the line before the last");
        console.type_keys(down);
        console.wait_until(|screen| screen.trim_end().ends_with("> echo two"), "the last line");
        console.type_keys("\u{15}");
        idle(&mut console);
    }
    // And another run knows them.
    console.type_keys("/exit\r");
    console.end();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("\u{1b}[A\u{1b}[A");
    console.wait_until(|screen| screen.trim_end().ends_with("> echo two"), "the last line but /exit");
}

#[test]
fn control_r_searches_the_lines_typed() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    for word in ["apple", "pear", "plum"] {
        makes(&mut console, &format!("echo {word}"), word);
    }
    console.type_keys("\u{c}\u{12}app");
    console.wait_for("reverse-i-search");
    console.wait_for("echo apple");
    console.type_keys("\r");
    console.wait_for("\napple\n");
}

#[test]
fn emacs_keys_move_and_edit() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    for (keys, made) in [
        // Control-a and Control-e, Home and End: to the beginning and the end.
        ("bc\u{1}echo a\u{5}d", "abcd"),
        ("bc\u{1b}[Hecho a\u{1b}[Fd", "abcd"),
        // Control-b and Control-f, left and right.
        ("echo ac\u{2}b", "abc"),
        ("echo ac\u{2}\u{2}\u{6}b", "abc"),
        ("echo ac\u{1b}[D\u{1b}[D\u{1b}[Cb", "abc"),
        // Backspace, Control-h, Delete.
        ("echo abx\u{7f}c", "abc"),
        ("echo abx\u{8}c", "abc"),
        ("echo abxc\u{1b}[D\u{1b}[D\u{1b}[3~", "abc"),
        // Control-k to the end, Control-u to the beginning, Control-w a word; Control-y brings it back.
        ("echo abc\u{1}\u{6}\u{6}\u{6}\u{6}\u{6}\u{b}x", "x"),
        ("gone\u{15}echo abc", "abc"),
        ("echo abc gone\u{17}\u{7f}", "abc"),
        ("echo abc\u{17}\u{19}\u{19}", "abcabc"),
        // Control-t swaps two characters.
        ("echo acb\u{14}", "abc"),
    ] {
        makes(&mut console, keys, made);
        // Each on a clear screen: Control-l.
        clear(&mut console);
    }
}

#[test]
fn several_lines_pasted_at_once_are_all_run() {
    let desk = Desk::new();
    let mut console = desk.ready(&["-q"]);
    console.type_keys("echo one\recho two\r\r   \recho three\recho fo");
    for word in ["\none\n", "\ntwo\n", "\nthree\n"] {
        console.wait_for(word);
    }
    makes(&mut console, "ur", "four");
}
