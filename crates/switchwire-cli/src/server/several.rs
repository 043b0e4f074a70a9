//! Several servers at once: those that `--server` names, repeated, and those of `--profiles`.

use std::collections::HashSet;
use std::path::PathBuf;

use switchwire_sim::Simulator;

use super::{Destination, ServerArgs};
use crate::console;
use crate::failure::{Failure, Result};

/// Servers to be watched together, at least one; and the simulator that one of them may be.
pub(crate) struct Several {
    pub(crate) servers: Vec<Destination>,
    pub(crate) simulator: Option<Simulator>,
}

impl ServerArgs {
    /// Whether more than one server is named.
    pub(crate) fn names_several(&self) -> bool {
        self.server.len() + self.profiles.len() > 1 || !self.profiles.is_empty()
    }

    /// All servers that the options name, each with a name of its own: the profile's, else `HOST:PORT`.
    pub(crate) fn several(&self) -> Result<Several> {
        let simulator = self.simulator()?;
        let alone = |args: &Self| args.destination(simulator.as_ref());
        let mut servers = Vec::new();
        for server in &self.server {
            servers.push(alone(&Self {
                server: vec![server.clone()],
                profiles: Vec::new(),
                ..self.clone()
            })?);
        }
        if !self.profiles.is_empty() {
            let home = std::env::var_os("HOME").map(PathBuf::from);
            let known = console::all_profiles(home.as_deref())?;
            for name in &self.profiles {
                let profile = console::pick_profile(known.clone(), Some(name))?;
                let own = Self { server: Vec::new(), profiles: Vec::new(), ..self.clone() };
                servers.push(Destination { name: name.clone(), ..alone(&own.under(&profile))? });
            }
        }
        if servers.is_empty() {
            servers.push(alone(self)?);
        }
        let mut names = HashSet::new();
        for server in &mut servers {
            if server.name.is_empty() {
                server.name = server.place();
            }
            if !names.insert(server.name.clone()) {
                return Err(Failure::usage(format!("the server {} is named twice", server.name)));
            }
        }
        Ok(Several { servers, simulator })
    }
}
