//! The server to test on: the simulator, or a real one when `SWITCHWIRE_TEST_SERVER=host:port:password` is set.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

use switchwire::{Builder, Connection};
use switchwire_sim::Simulator;

pub struct Server {
    host: String,
    port: u16,
    password: String,
    simulator: Option<Simulator>,
}

impl Server {
    pub fn start() -> Self {
        if let Ok(real) = std::env::var("SWITCHWIRE_TEST_SERVER") {
            let mut parts = real.rsplitn(3, ':');
            let (password, port, host) =
                (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let port = port.parse().unwrap();
            return Self { host: host.to_owned(), port, password: password.to_owned(), simulator: None };
        }
        Self::simulated()
    }

    /// The simulator, whatever the environment says: for what a real server should not be asked to do.
    pub fn simulated() -> Self {
        let simulator = Simulator::builder().start().unwrap();
        Self {
            host: "127.0.0.1".to_owned(),
            port: simulator.port(),
            password: simulator.password().to_owned(),
            simulator: Some(simulator),
        }
    }

    pub fn builder(&self) -> Builder {
        Builder::new(&self.host, self.port).password(&self.password)
    }

    pub fn connect(&self) -> Connection {
        self.builder().connect().unwrap()
    }

    /// `None` on a real server: tests that inject things are for the simulator only.
    pub fn simulator(&self) -> Option<&Simulator> {
        self.simulator.as_ref()
    }

    /// Whether the server can connect to a listener on this machine's loopback.
    pub fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|host| host.is_loopback())
    }
}
