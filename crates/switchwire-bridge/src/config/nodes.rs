//! The switches, and what is asked of them.

use serde::Deserialize;
use switchwire::{FleetServer, ManagedConnection, Subscription};

use super::{ConfigError, Secret};

/// A switch.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// Its name, in subjects and markers.
    pub name: String,
    /// `host:port` of its event socket.
    pub address: String,
    /// Logs in as that directory user (`user@domain`).
    #[serde(default)]
    pub user: String,
    /// The event socket's password, or the user's. Default `ClueCon`.
    #[serde(default = "clue_con")]
    pub password: Secret,
    /// What is asked of this one.
    pub events: Option<Wanted>,
}

/// Which events are bridged.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wanted {
    /// Names of events. Default: all of them, whatever `custom` says.
    #[serde(default)]
    pub names: Vec<String>,
    /// Subclasses of CUSTOM events.
    #[serde(default)]
    pub custom: Vec<String>,
    /// Filters, as the event socket has them: header and value.
    #[serde(default)]
    pub filters: Vec<(String, String)>,
}

impl Node {
    /// The subscription.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] for a name that no event has, and for what cannot be sent.
    pub fn subscription(&self, common: &Wanted) -> Result<Subscription, ConfigError> {
        let wanted = self.events.as_ref().unwrap_or(common);
        let mut subscription = if wanted.names.is_empty() && wanted.custom.is_empty() {
            Subscription::all()
        } else {
            wanted.names.iter().fold(Subscription::new(), Subscription::event_named)
        };
        subscription = wanted.custom.iter().fold(subscription, Subscription::custom);
        subscription = wanted.filters.iter().fold(subscription, |all, (name, value)| all.filter(name, value));
        let wrong =
            |error: &dyn std::fmt::Display| ConfigError::Wrong(format!("node {:?}: {error}", self.name));
        subscription.commands().map_err(|error| wrong(&error))?;
        self.host_and_port().map_err(|text| wrong(&text))?;
        Ok(subscription)
    }

    fn host_and_port(&self) -> Result<(&str, u16), String> {
        let wrong = || format!("address {:?} is not host:port", self.address);
        let (host, port) = self.address.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().map_err(|_| wrong())?;
        if host.is_empty() { Err(wrong()) } else { Ok((host, port)) }
    }

    /// As a server of the fleet.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub(crate) fn server(&self, common: &Wanted) -> Result<FleetServer, ConfigError> {
        let subscription = self.subscription(common)?;
        let (host, port) = self.host_and_port().map_err(ConfigError::Wrong)?;
        let connection = ManagedConnection::builder(host, port)
            .user(&self.user)
            .password(self.password.read()?)
            .subscription(subscription)
            .snapshot(true);
        Ok(FleetServer::new(&self.name, connection))
    }

    /// Whether another description is about the same connection.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let password = |node: &Self| node.password.read().ok();
        self.name == other.name
            && self.address == other.address
            && self.user == other.user
            && self.events == other.events
            && password(self) == password(other)
    }
}

fn clue_con() -> Secret {
    Secret::Text("ClueCon".to_owned())
}
