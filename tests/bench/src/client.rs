//! Every client: what it is, what it can do, how it is started.

use crate::drivers::Work;
use crate::install::{Installed, Missing};
use crate::process::Start;
use crate::stream::Format;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Floor,
    Ours,
    Peer,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Language {
    Rust,
    C,
    Cpp,
    Python,
    Node,
}

/// How a client's process is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Driver {
    /// Built into this program, under the client's name.
    Built,
    /// clients/client.c or client.cpp, with our library or the original.
    C { original: bool, quiet: bool },
    /// clients/client.py, under that name.
    Python { client: &'static str, peers: bool },
    /// clients/client.mjs, under that name.
    Node { client: &'static str, peers: bool },
    /// peers/tokio.
    Tokio,
}

pub(crate) struct Client {
    pub(crate) name: &'static str,
    /// What readers of the table know it as.
    pub(crate) title: &'static str,
    pub(crate) side: Side,
    pub(crate) language: Language,
    pub(crate) format: Format,
    driver: Driver,
    works: &'static [Work],
    /// Its turns are so many times shorter than those of the fastest.
    pub(crate) slower: usize,
    /// It gets no further in this stream.
    pub(crate) most: usize,
    /// The client of ours that serves the same programs (of a peer), or the peer that sets our goal (of ours).
    pub(crate) against: &'static str,
}

impl Client {
    pub(crate) fn does(&self, work: Work) -> bool {
        self.works.contains(&work)
    }

    /// Whether instructions can be counted: the client is a program of machine code alone.
    pub(crate) fn is_native(&self) -> bool {
        matches!(self.driver, Driver::Built | Driver::C { .. } | Driver::Tokio)
    }

    /// How to start it, or why that cannot be.
    pub(crate) fn start(&self, installed: &Installed) -> Result<Start, Missing> {
        let format = self.format.name();
        match self.driver {
            Driver::Built => Ok(Start::new(installed.this(), &["drive", self.name])),
            Driver::C { original, quiet } => {
                let (program, library) = installed.c(original, self.language == Language::Cpp)?;
                let start = Start::new(program, &[format]).with("LD_LIBRARY_PATH", library);
                Ok(if quiet { start.then("quiet") } else { start })
            }
            Driver::Python { client, peers } => {
                let script = installed.script("client.py");
                let (python, path) = installed.python(peers, client)?;
                Ok(Start::new(python, &[&script, client]).with("PYTHONPATH", path))
            }
            Driver::Node { client, peers } => {
                let (script, packages) = (installed.script("client.mjs"), installed.node(peers, client)?);
                let start = Start::new("node", &[&script, client, &packages.to_string_lossy()]);
                Ok(start.with("BENCH_EVENTS", installed.event_names()))
            }
            Driver::Tokio => Ok(Start::new(installed.tokio()?, &[format])),
        }
    }
}

const RECEIVE: &[Work] = &[Work::Events, Work::Verify, Work::Latency];
const CLASSIC: &[Work] = &[Work::Events, Work::Verify, Work::Serial, Work::Idle, Work::Latency, Work::Flood];
const ALL: &[Work] = &Work::ALL;

const fn floor(name: &'static str, title: &'static str, works: &'static [Work]) -> Client {
    Client {
        name,
        title,
        side: Side::Floor,
        language: Language::Rust,
        format: Format::Plain,
        driver: Driver::Built,
        works,
        slower: 1,
        most: usize::MAX,
        against: "",
    }
}

const fn ours(name: &'static str, title: &'static str, language: Language, driver: Driver) -> Client {
    let (format, works, slower, against) = (Format::Plain, CLASSIC, 1, "");
    Client {
        name,
        title,
        side: Side::Ours,
        language,
        format,
        driver,
        works,
        slower,
        most: usize::MAX,
        against,
    }
}

const fn peer(
    name: &'static str,
    title: &'static str,
    language: Language,
    driver: Driver,
    against: &'static str,
) -> Client {
    let (format, works, slower) = (Format::Plain, CLASSIC, 6);
    Client {
        name,
        title,
        side: Side::Peer,
        language,
        format,
        driver,
        works,
        slower,
        most: usize::MAX,
        against,
    }
}

impl Client {
    const fn json(self, works: &'static [Work]) -> Self {
        Self { format: Format::Json, works, ..self }
    }

    const fn doing(self, works: &'static [Work]) -> Self {
        Self { works, ..self }
    }

    const fn slower(self, slower: usize) -> Self {
        Self { slower, ..self }
    }

    const fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }
}

const fn c(original: bool, quiet: bool) -> Driver {
    Driver::C { original, quiet }
}

const fn python(client: &'static str, peers: bool) -> Driver {
    Driver::Python { client, peers }
}

const fn node(client: &'static str, peers: bool) -> Driver {
    Driver::Node { client, peers }
}

use Language::{C, Cpp, Node, Python, Rust};

/// In the order of the tables.
pub(crate) const CLIENTS: &[Client] = &[
    floor("floor-recv", "floor: recv alone", &[Work::Events, Work::Serial, Work::Latency]),
    floor("floor-scan", "floor: recv, find each line's end", &[Work::Events]),
    floor("floor-frame", "floor: recv, our framing, events unread", &[Work::Events]),
    ours("rust", "switchwire, Rust `Connection`", Rust, Driver::Built).doing(ALL),
    ours("rust-json", "switchwire, Rust `Connection`, JSON", Rust, Driver::Built).json(RECEIVE).slower(2),
    ours("rust-managed", "switchwire, Rust `ManagedConnection`", Rust, Driver::Built)
        .doing(&[Work::Events, Work::Verify]),
    ours("rust-tokio", "switchwire-tokio", Rust, Driver::Built).doing(ALL),
    peer("tokio", "freeswitch-esl-tokio", Rust, Driver::Tokio, "rust-tokio").doing(ALL),
    peer("tokio-json", "freeswitch-esl-tokio, JSON", Rust, Driver::Tokio, "rust-json").json(RECEIVE),
    ours("c", "switchwire, C `last_ievent`", C, c(false, false)).slower(2),
    ours("c-json", "switchwire, C `last_ievent`, JSON", C, c(false, false)).json(RECEIVE).slower(3),
    peer("libesl-c", "libesl, C", C, c(true, false), "c"),
    peer("libesl-c-quiet", "libesl, C, logging off", C, c(true, true), "c"),
    peer("libesl-c-json", "libesl, C, JSON", C, c(true, false), "c-json").json(RECEIVE),
    ours("c++", "switchwire, C++ `ESLconnection`", Cpp, c(false, false)).slower(2),
    peer("libesl-c++", "libesl, C++", Cpp, c(true, false), "c++"),
    peer("libesl-c++-quiet", "libesl, C++, logging off", Cpp, c(true, true), "c++"),
    ours("py-esl", "switchwire, Python `ESL`", Python, python("ESL", false)).slower(2),
    ours("py", "switchwire, Python `switchwire`", Python, python("switchwire", false)).slower(2),
    ours("py-aio", "switchwire, Python `switchwire.aio`", Python, python("aio", false)).doing(ALL).slower(2),
    peer("python-esl", "python-ESL", Python, python("ESL", true), "py-esl"),
    peer("greenswitch", "greenswitch", Python, python("greenswitch", true), "py"),
    peer("genesis", "genesis", Python, python("genesis", true), "py-aio").slower(20),
    ours("node", "switchwire, Node", Node, node("node", false)).doing(ALL).slower(2),
    ours("node-json", "switchwire, Node, JSON", Node, node("node-json", false)).json(RECEIVE).slower(2),
    ours("node-modesl", "switchwire, Node `modesl` layer", Node, node("node-modesl", false)).slower(4),
    ours("node-modesl-json", "switchwire, Node `modesl` layer, JSON", Node, node("node-modesl-json", false))
        .json(RECEIVE)
        .slower(4),
    // After some 30,000 events of the bulk stream it stops reading, occasionally earlier.
    peer("esl-lite", "esl-lite, JSON", Node, node("esl-lite", true), "node-json")
        .json(CLASSIC)
        .at_most(25_000),
    peer("esl", "esl, JSON", Node, node("esl", true), "node-json").json(CLASSIC),
    peer("modesl", "modesl", Node, node("modesl", true), "node-modesl"),
    peer("modesl-json", "modesl, JSON", Node, node("modesl-json", true), "node-modesl-json").json(RECEIVE),
];
