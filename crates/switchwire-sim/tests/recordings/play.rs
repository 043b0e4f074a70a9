//! Plays a recorded client at a simulator, on its virtual clock.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use switchwire_sim::Simulator;

use super::messages::{Message, messages};
use super::recording::Recording;
use super::setup::{beside, simulator};

/// What the simulator sends to a recorded client.
pub fn play(recording: &Recording) -> Vec<u8> {
    let real = messages(&recording.server);
    let beside = beside(&recording.name);
    let first = real.first().filter(|m| m.kind.contains("CHANNEL_DATA"));
    let outbound = first.is_some() || recording.name.starts_with("outbound_");
    if !outbound {
        let sim = simulator(recording, None);
        let mut control = Control::new(&sim);
        let mut known = BTreeMap::new();
        members_before(&sim, &mut control, &real);
        if let Some(call) = beside.call {
            let uuid = control.ask(&format!("api originate {call}"));
            let uuid = uuid.trim().strip_prefix("+OK ").unwrap_or_default().to_owned();
            known.insert(first_uuid(&recording.client), uuid.clone());
            control.leg = uuid;
        }
        sim.advance(Duration::ZERO);
        let stream = TcpStream::connect(sim.addr()).unwrap();
        return session(recording, &real, &sim, stream, &mut control, known);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let header = |name: &str| {
        let line = first?.lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
        Some(line.to_owned())
    };
    let number = header("Caller-Destination-Number").unwrap_or_else(|| "9010".into());
    let flags = header("variable_current_application_data").unwrap_or_default();
    let flags = flags.split_once(' ').map_or("", |(_, flags)| flags);
    let sim = simulator(recording, Some((&number, format!("127.0.0.1:{port} {flags}").trim_end())));
    let mut control = Control::new(&sim);
    members_before(&sim, &mut control, &real);
    let (mut known, mut pairs) = (BTreeMap::new(), Vec::new());
    let raw = String::from_utf8_lossy(&recording.server);
    let raw_value = |name: &str| {
        let line = raw.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned)
    };
    for name in ["origination_uuid", "origination_caller_id_name", "origination_caller_id_number"] {
        pairs.extend(
            raw_value(&format!("variable_{name}")).map(|v| format!("{name}={}", quoted(&decode(&v)))),
        );
    }
    for name in ["ignore_early_media", "loopback_bowout", "orig_var"] {
        pairs.extend(raw_value(&format!("variable_{name}")).map(|v| format!("{name}={}", decode(&v))));
    }
    control.ask(&format!("bgapi originate {{{}}}loopback/{number}/default &park", pairs.join(",")));
    let stream = loop {
        listener.set_nonblocking(true).unwrap();
        sim.advance(Duration::ZERO);
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(_) if control.started.elapsed() > LIMIT => return Vec::new(),
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    stream.set_nonblocking(false).unwrap();
    if let Some(leg) = first.and_then(|message| message.uuid.clone()) {
        let ours = control.ask("api show channels");
        let ours =
            ours.lines().find(|line| line.contains(&format!("loopback/{number}-b"))).unwrap_or_default();
        control.leg = ours.split(',').next().unwrap_or_default().to_owned();
        control.far = control.ask(&format!("api uuid_getvar {} other_loopback_leg_uuid", control.leg));
        known.insert(leg, control.leg.clone());
    }
    session(recording, &real, &sim, stream, &mut control, known)
}

fn session(
    recording: &Recording,
    real: &[Message],
    sim: &Simulator,
    mut stream: TcpStream,
    control: &mut Control,
    mut known: BTreeMap<String, String>,
) -> Vec<u8> {
    let beside = beside(&recording.name);
    let foreign = chosen_by_server(recording, real);
    let incoming = Incoming::new(stream.try_clone().unwrap());
    let mut now = Duration::ZERO;
    let mut sent = 0;
    // When the last command was sent, and how much had come until then.
    let mut asked = (Duration::ZERO, usize::MAX);
    let mut steps: Vec<(Duration, Step)> = Vec::new();
    for (at, end) in &recording.sent {
        steps.push((Duration::from_secs_f64(at.max(0.0) / 1000.0), Step::Send(*end)));
    }
    steps.extend(beside.commands.iter().map(|(at, text)| (Duration::from_millis(*at), Step::Command(text))));
    steps.sort_by_key(|(at, _)| *at);
    for (at, step) in steps {
        sim.advance(at.saturating_sub(now));
        now = now.max(at);
        match step {
            Step::Send(end) => {
                // A client that had a reply by now waits for it: frames end a few milliseconds sooner or later.
                let heard = asked.1 != usize::MAX && recording.heard_between(asked.0, at);
                for _ in 0..WAITS {
                    if !heard || incoming.count() > asked.1 || incoming.ended() {
                        break;
                    }
                    sim.advance(A_MOMENT);
                    now += A_MOMENT;
                    settle(sim, &incoming);
                }
                let text = recording.client[sent..end].to_vec();
                sent = end;
                if uuid_at(&text).any(|uuid| foreign.contains(&uuid) && !known.contains_key(&uuid)) {
                    settle(sim, &incoming);
                    learn(real, &messages(&incoming.bytes()), &mut known);
                }
                let text = rename(text, &known);
                // The simulator may have closed the connection: what it sent until then is the result.
                let before = incoming.count();
                asked = (at, before);
                let _ = stream.write_all(&text);
                // The clock must not move before the command has been read; one that gets no reply yet costs this wait.
                for _ in 0..20 {
                    sim.advance(Duration::ZERO);
                    if incoming.count() > before || incoming.ended() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                settle(sim, &incoming);
            }
            Step::Command(text) => {
                let mut text = text.replace("{leg}", &control.leg).replace("{far}", &control.far);
                if text.contains("{first}") {
                    let channels = control.ask("api show channels");
                    text = text.replace("{first}", &first_uuid(channels.as_bytes()));
                }
                let verb = if text.starts_with("bgapi") { "" } else { "api " };
                control.ask(&format!("{verb}{text}"));
            }
        }
    }
    if beside.half_close {
        let _ = stream.shutdown(Shutdown::Write);
    }
    // What is still to come: lingering, time limits.
    for _ in 0..40 {
        settle(sim, &incoming);
        if incoming.ended() {
            break;
        }
        sim.advance(Duration::from_secs(1));
    }
    let _ = stream.shutdown(Shutdown::Both);
    incoming.finish()
}

/// Members of conferences are numbered over the life of the server: those that came before the recording come and go.
fn members_before(sim: &Simulator, control: &mut Control, real: &[Message]) {
    let lines = real.iter().flat_map(|message| &message.lines);
    let first = lines.filter_map(|line| line.strip_prefix("Member-ID: ")?.parse::<u32>().ok()).min();
    for _ in 1..first.unwrap_or(1) {
        control.ask("api originate null/0 &conference(before)");
    }
    if first.is_some() {
        control.ask("api hupall");
        // Their conference ends with its next frame.
        sim.advance(Duration::from_millis(40));
    }
}

enum Step {
    Send(usize),
    Command(&'static str),
}

fn settle(sim: &Simulator, incoming: &Incoming) {
    let mut seen = usize::MAX;
    let began = Instant::now();
    loop {
        sim.advance(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(1));
        let count = incoming.count();
        if count == seen || began.elapsed() > LIMIT {
            return;
        }
        seen = count;
    }
}

fn uuid_at(text: &[u8]) -> impl Iterator<Item = String> {
    static UUID: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap()
    });
    let text = String::from_utf8_lossy(text).into_owned();
    let found: Vec<String> = UUID.find_iter(&text).map(|m| m.as_str().to_owned()).collect();
    found.into_iter()
}

fn first_uuid(text: &[u8]) -> String {
    uuid_at(text).next().unwrap_or_default()
}

/// The channels of the recording whose uuids the server chose.
fn chosen_by_server(recording: &Recording, real: &[Message]) -> BTreeSet<String> {
    let client = String::from_utf8_lossy(&recording.client);
    let uuids = real.iter().filter_map(|message| message.uuid.clone());
    uuids.filter(|uuid| !client.contains(&format!("origination_uuid={uuid}"))).collect()
}

/// Learns which of our channels stands for which recorded one: the n-th of each name.
fn learn(real: &[Message], ours: &[Message], known: &mut BTreeMap<String, String>) {
    let legs = |all: &[Message]| {
        let mut found: Vec<(String, String)> = Vec::new();
        for message in all {
            let Some(uuid) = &message.uuid else { continue };
            if !found.iter().any(|(_, known)| known == uuid) && !message.channel.is_empty() {
                found.push((message.channel.clone(), uuid.clone()));
            }
        }
        found
    };
    let (real, ours) = (legs(real), legs(ours));
    for (at, (name, uuid)) in real.iter().enumerate() {
        let nth = real[..at].iter().filter(|(other, _)| other == name).count();
        if let Some((_, our)) = ours.iter().filter(|(other, _)| other == name).nth(nth) {
            known.entry(uuid.clone()).or_insert_with(|| our.clone());
        }
    }
}

fn rename(text: Vec<u8>, known: &BTreeMap<String, String>) -> Vec<u8> {
    // Bytes that are no text name no channel.
    let Ok(mut text) = String::from_utf8(text.clone()) else { return text };
    for (real, ours) in known {
        text = text.replace(real, ours);
    }
    text.into_bytes()
}

/// In quotes where a dial string needs them.
fn quoted(value: &str) -> String {
    match value.contains([' ', ',', '\'']) {
        true => format!("'{}'", value.replace('\'', "\\'").replace(',', "\\,")),
        false => value.to_owned(),
    }
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&switchwire_proto::percent::decode(text.as_bytes())).into_owned()
}

/// Reads all that comes, so that the simulator never has to wait.
struct Incoming {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl Incoming {
    fn new(mut stream: TcpStream) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let thread = std::thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            while let Ok(count @ 1..) = stream.read(&mut chunk) {
                shared.lock().unwrap().extend_from_slice(&chunk[..count]);
            }
        });
        Self { bytes, thread }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.bytes.lock().unwrap().len()
    }

    fn ended(&self) -> bool {
        self.thread.is_finished()
    }

    fn finish(self) -> Vec<u8> {
        self.thread.join().unwrap();
        self.bytes.lock().unwrap().clone()
    }
}

/// The other connection.
struct Control {
    stream: TcpStream,
    leg: String,
    far: String,
    started: Instant,
}

impl Control {
    fn new(sim: &Simulator) -> Self {
        let stream = TcpStream::connect(sim.addr()).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut control = Self { stream, leg: String::new(), far: String::new(), started: Instant::now() };
        control.read();
        control.ask("auth ClueCon");
        control
    }

    /// The body of an api command's reply.
    fn ask(&mut self, command: &str) -> String {
        self.stream.write_all(format!("{command}\n\n").as_bytes()).unwrap();
        self.read()
    }

    fn read(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\n\n") {
            match self.stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return String::new(),
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body).unwrap();
        String::from_utf8_lossy(&body).into_owned()
    }
}

/// How long a client waits for a late reply.
const A_MOMENT: Duration = Duration::from_millis(5);
const WAITS: usize = 20;
/// No step takes longer.
const LIMIT: Duration = Duration::from_secs(10);
