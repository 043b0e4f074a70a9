//! What a simulator is like before it starts.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::config::{Config, Time};
use crate::dialplan::Dialplan;
use crate::faults::Faults;
use crate::simulator::Simulator;
use crate::user::User;

/// Makes a [`Simulator`]. The defaults: password `ClueCon`, a free port on 127.0.0.1, no users, no heartbeat, the
/// extensions that [`extension`](Self::extension) lists.
#[derive(Clone)]
#[must_use]
pub struct Builder {
    pub(crate) config: Config,
}

impl Simulator {
    /// Configures a simulator.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Default for Builder {
    fn default() -> Self {
        let config = Config {
            bind: "127.0.0.1:0".into(),
            password: "ClueCon".into(),
            users: Vec::new(),
            acl_reject: false,
            hostname: "vm".into(),
            switchname: "fs-loopback".into(),
            version: "1.11.3-dev".into(),
            ipv4: "192.0.2.2".into(),
            ipv6: "fd00::2".into(),
            domain: "localdomain.test".into(),
            heartbeat: None,
            auth_timeout: Duration::from_secs(25),
            playback: Duration::from_millis(20),
            sound_files: true,
            queue_bound: 100_000,
            time: Time::Machine,
            faults: Faults::none(),
            faults_of: BTreeMap::new(),
            dialplan: Dialplan::default(),
            endpoints: Vec::new(),
            applications: BTreeMap::new(),
            apis: BTreeMap::new(),
            script: Vec::new(),
            expectations: Vec::new(),
            watched: false,
            load: None,
            outbound_only_to: None,
        };
        let builder = Self { config }
            .extension("9000", &[("answer", ""), ("park", "")])
            .extension("9001", &[("answer", ""), ("playback", "tone_stream://%(100,20,660);loops=1")])
            .extension("9003", &[("hangup", "USER_BUSY")]);
        builder
            .extension("9196", &[("answer", ""), ("echo", "")])
            .extension("9664", &[("answer", ""), ("playback", "local_stream://moh")])
    }
}

impl Builder {
    /// The password that `auth` takes.
    pub fn password(mut self, password: &str) -> Self {
        self.config.password = password.into();
        self
    }

    /// Adds an account for `userauth`.
    pub fn user(mut self, user: User) -> Self {
        self.config.users.push(user);
        self
    }

    /// Refuses every connection by its address, as `apply-inbound-acl` does.
    pub fn acl_reject(mut self, reject: bool) -> Self {
        self.config.acl_reject = reject;
        self
    }

    /// The address to listen at; port 0 takes a free one.
    pub fn bind(mut self, address: &str) -> Self {
        self.config.bind = address.into();
        self
    }

    /// The hostname that the `hostname` command and events report.
    pub fn hostname(mut self, hostname: &str) -> Self {
        self.config.hostname = hostname.into();
        self
    }

    /// The value of `FreeSWITCH-Switchname` in events.
    pub fn switchname(mut self, switchname: &str) -> Self {
        self.config.switchname = switchname.into();
        self
    }

    /// The version number that `version` and `status` report, e.g. `1.10.12`.
    pub fn version(mut self, version: &str) -> Self {
        self.config.version = version.into();
        self
    }

    /// The `domain` of the server: a global variable, and where users are looked up who are named without one.
    pub fn domain(mut self, domain: &str) -> Self {
        self.config.domain = domain.into();
        self
    }

    /// The time between HEARTBEAT events; `None`, the default, fires none.
    pub fn heartbeat(mut self, every: Option<Duration>) -> Self {
        self.config.heartbeat = every;
        self
    }

    /// How long a client may send nothing before it is disconnected (25 s).
    pub fn auth_timeout(mut self, timeout: Duration) -> Self {
        self.config.auth_timeout = timeout;
        self
    }

    /// How long playing a file lasts (20 ms). A `silence_stream://MS` and a `tone_stream://` last as long as they say.
    pub fn playback_duration(mut self, duration: Duration) -> Self {
        self.config.playback = duration;
        self
    }

    /// Whether every sound file that is played exists (it does). Without, only files that this machine has are played;
    /// others are answered by `FILE NOT FOUND`, and `say` and `speak` say nothing.
    pub fn sound_files(mut self, exist: bool) -> Self {
        self.config.sound_files = exist;
        self
    }

    /// How many events may wait for one connection (100,000). The 501st that is lost kills the connection.
    pub fn queue_bound(mut self, events: usize) -> Self {
        self.config.queue_bound = events.max(1);
        self
    }

    /// Whose time it goes by: the machine's unless another is given.
    pub fn time(mut self, time: Time) -> Self {
        self.config.time = time;
        self
    }

    /// Faults for every new connection.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.config.faults = faults;
        self
    }

    /// What the dialplan runs for a number: applications and their arguments, one after the other, then hangup.
    ///
    /// Built in: 9000 (answer, park), 9001 (answer, a tone), 9003 (hangup USER_BUSY), 9196 (answer, echo), 9664 (answer,
    /// music that never ends). An extension set again is replaced.
    pub fn extension(mut self, number: &str, applications: &[(&str, &str)]) -> Self {
        let actions = applications.iter().map(|&(app, arg)| (app.to_owned(), arg.to_owned())).collect();
        self.config.dialplan.set(number, actions);
        self
    }

    /// Lets the `socket` application connect to that address alone; any other address is refused as if
    /// no server listened there. For tests whose clients send arbitrary commands.
    pub fn outbound_only_to(mut self, address: SocketAddr) -> Self {
        self.config.outbound_only_to = Some(address);
        self
    }

    /// Starts listening. Fails when the address cannot be bound or the thread cannot be started.
    pub fn start(self) -> io::Result<Simulator> {
        Simulator::start(self.config)
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords stay out.
        f.debug_struct("Builder").field("bind", &self.config.bind).finish_non_exhaustive()
    }
}
