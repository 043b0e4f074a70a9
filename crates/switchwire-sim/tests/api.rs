//! The api commands of a real FreeSWITCH 1.11.2, put to the simulator: what it says must be what the server said.
//!
//! `tests/captures/api/outputs.jsonl` holds one command a line with the state it ran in and its exact output. The states
//! are set up as they were recorded, the commands run in the recorded order. Volatile values are replaced before the
//! comparison; [`VOLATILE`] lists them. `SWITCHWIRE_API_MISSES=1` prints every miss, side by side.

mod common;

use std::fmt::Write as _;
use std::path::PathBuf;

use common::Client;
use regex::Regex;
use switchwire_sim::Simulator;

// Misses left, with their reasons: `lua` (there is no interpreter), the agents of callcenter,
// the merged user of `find_user_xml`, whitespace of `xml_locate`, tasks that the server's database had noted later or
// earlier, hash keys that unrecorded commands had left, lists of dial strings, a channel's variables where the call
// itself differs (`uuid_dump`, `json channelData`).

/// What differs between two runs of one server: a pattern, and what stands for it.
const VOLATILE: &[(&str, &str)] = &[
    // Random uuids; those that the recorded client chose are compared.
    (r"\b[02-8a-f][0-9a-f]{7}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"\b(1[02-9a-f]|9[0-8a-f])[0-9a-f]{6}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    // Dates and times.
    (r"\b20\d\d-\d\d-\d\d( |%20)\d\d(:|%3A)\d\d((:|%3A)\d\d)?", "DATE"),
    (r"\b\w{3},(%20| )\d\d(%20| )\w{3}(%20| )20\d\d(%20| )\d\d(:|%3A)\d\d(:|%3A)\d\d(%20| )GMT", "DATE"),
    (r"\b1[78]\d{8}(\d{6})?\b", "EPOCH"),
    (r"^20\d\d$", "YEAR"),
    // How long the server has been up, and what it has seen since.
    (r"UP \d+ years.* microseconds", "UP TIME"),
    (r#""uptime":\{[^}]*\}"#, "UPTIME"),
    (r"\d+ session\(s\) since startup", "N since startup"),
    (r"peak \d+, last 5min \d+", "peak N"),
    (r"\d+ session\(s\) per Sec", "N per Sec"),
    (r#""(total|active|peak|peak5Min)":\d+"#, "$1:N"),
    (r"min idle cpu [\d./]+", "min idle cpu N"),
    (r#""(idleCPU|idle|allowed)[^,}]*"#, "IDLE"),
    (r"Size/Max \d+K/\d+K", "Size/Max N"),
    (r#""stackSizeKB":\{[^}]*\}"#, "STACK"),
    (r"(?i)EXPSECS\(\d+\)", "EXPSECS(N)"),
    (r"Uptime  \t\d+s", "Uptime N"),
    (r"<uptime-usec>\d+", "<uptime-usec>N"),
    (r"(?i)(event-sequence(: \[?|>|\W+))\d+", "${1}N"),
    (r"(?i)(session_id(: \[?|>|\W+))\d+", "${1}N"),
    // The server's source lines.
    (r"(?i)(Calling-Line-Number(: \[?|>|\W+))\d+", "${1}N"),
    // How long a call has been in a conference, or since its talker spoke.
    (r"(run_time=\W|join_time\W+|last_talking\W+)(\d+|N/A)", "${1}N"),
];

/// Commands that print nothing but such numbers: every number is volatile.
const NUMBERS: &[&str] =
    &["uptime", "getcputime", "memory", "timer_test", "time_test", "strmicroepoch", "status"];

struct Recorded {
    state: String,
    command: String,
    console: bool,
    output: String,
}

fn recorded() -> Vec<Recorded> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/api/outputs.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let console =
            row["raw"].as_bool() == Some(true) && row["cmd"].as_str().unwrap().contains("console_execute");
        let command = text("cmd");
        Recorded { state: text("state"), console, output: text("output"), command }
    });
    rows.collect()
}

/// The group whose commands ran in one server, one after the other.
fn server_of(state: &str) -> &str {
    match state.strip_prefix("sequence ") {
        Some(rest) => rest.split(',').next().unwrap(),
        None if state.starts_with("alias ") => "alias",
        None => "main",
    }
}

fn simulator() -> Simulator {
    Simulator::builder()
        .version("1.11.2-release")
        .domain("127.0.0.1")
        .extension("6000", &[("answer", ""), ("park", "")])
        .extension("7002", &[("hangup", "USER_BUSY")])
        .extension("7003", &[("hangup", "CALL_REJECTED")])
        .extension("7004", &[("ring_ready", ""), ("sleep", "60000")])
        .extension("9666", &[("answer", ""), ("echo", "")])
        .start()
        .unwrap()
}

fn set_up(client: &mut Client, sim: &Simulator, state: &str) {
    let id = |n: u8| format!("11111111-2222-4333-8444-00000000000{n}");
    let caller = "origination_caller_id_name='Alice Example',origination_caller_id_number=15550100";
    let api = |client: &mut Client, command: String| {
        let reply = client.api(&command);
        assert!(reply.starts_with("+OK"), "{command}: {reply}");
    };
    match state.split(' ').next().unwrap() {
        "one" => {
            let variables = format!("origination_uuid={},{caller},lab='a b',arr=ARRAY::x|:y", id(1));
            api(client, format!("originate {{{variables}}}null/1000 &park"));
        }
        "bridged" => {
            client.api("hupall");
            let b = format!("{{origination_uuid={}}}null/2000", id(3));
            client.api(&format!("originate {{origination_uuid={},{caller}}}null/1000 '&bridge({b})'", id(2)));
        }
        "conference" => {
            client.api("hupall");
            api(client, format!("originate {{origination_uuid={}}}loopback/9664 &conference(lab)", id(2)));
            api(
                client,
                format!(
                    "originate {{origination_uuid={}}}loopback/9666 '&conference(lab@default++flags{{mute}})'",
                    id(3)
                ),
            );
            // Its first member is heard a moment after it joined.
            let began = std::time::Instant::now();
            while !client.api("conference lab list").contains("|talking|floor") {
                assert!(began.elapsed() < common::LIMIT, "no member talks");
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
        "user" => {
            client.api("hupall");
            sim.register("1006", "127.0.0.1", "127.0.0.1:53692".parse().unwrap(), "49baa428@lab");
        }
        "idle" => client_seed(client),
        "alias" => api(client, "alias add labst status".into()),
        _ => {}
    }
}

/// What earlier, unrecorded commands had left.
fn client_seed(client: &mut Client) {
    assert_eq!(client.api("group insert:g:loopback/9196"), "+OK");
}

fn normal(command: &str, text: &str, patterns: &[(Regex, &str)]) -> String {
    let mut text = text.to_owned();
    for (pattern, with) in patterns {
        if pattern.is_match(&text) {
            text = pattern.replace_all(&text, *with).into_owned();
        }
    }
    let name = command.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    if NUMBERS.contains(&name.as_str()) && !text.starts_with('-') {
        text = Regex::new(r"\d+").unwrap().replace_all(&text, "N").into_owned();
    }
    text
}

fn ask(client: &mut Client, row: &Recorded) -> String {
    let text = if row.console { row.command.clone() } else { row.command.replace('\n', " ") };
    let text = if text.starts_with("api ") { text } else { format!("api {text}") };
    client.ask(&text).text()
}

#[test]
fn the_recorded_api_commands_have_the_recorded_outputs() {
    let patterns: Vec<(Regex, &str)> = VOLATILE
        .iter()
        .map(|(pattern, with)| (Regex::new(&format!("(?m){pattern}")).unwrap(), *with))
        .collect();
    let rows = recorded();
    assert!(rows.len() > 1_200);
    let (mut server, mut state) = (String::new(), String::new());
    let mut running: Option<(Simulator, Client)> = None;
    let mut misses = String::new();
    let mut missed = 0;
    for row in &rows {
        let group = server_of(&row.state);
        if group != server {
            group.clone_into(&mut server);
            drop(running.take());
            let sim = simulator();
            let client = Client::login(sim.addr());
            running = Some((sim, client));
        }
        let (sim, client) = running.as_mut().unwrap();
        if row.state != state {
            row.state.clone_into(&mut state);
            set_up(client, sim, &state);
        }
        let said = ask(client, row);
        let (expected, got) =
            (normal(&row.command, &row.output, &patterns), normal(&row.command, &said, &patterns));
        if expected != got {
            missed += 1;
            let _ = writeln!(
                misses,
                "[{}] {}\n  server:    {expected:?}\n  simulator: {got:?}",
                row.state, row.command
            );
        }
    }
    let equal = (rows.len() - missed) as f64 * 100.0 / rows.len() as f64;
    println!("{equal:.1} % of {} outputs equal, {missed} differ", rows.len());
    if std::env::var_os("SWITCHWIRE_API_MISSES").is_some() {
        println!("{misses}");
    }
    assert!(equal >= AT_LEAST, "{equal:.1} %:\n{misses}");
}

/// Per cent; goes up only.
const AT_LEAST: f64 = 95.0;
