//! A connection to NATS that ends for good when it ends.
//!
//! The client would come back by itself and then send what it still holds, after which the sink, which does not know of that,
//! sends the records again that it has no acknowledgement of: later ones could be stored before earlier ones. So each
//! connection is refused a second login, by ourselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{Auth, AuthError, Client, ConnectOptions};

use super::NatsConfig;

/// Connects.
pub(super) async fn connect(config: &NatsConfig) -> Result<Client, String> {
    let who = Who::read(config).await?;
    let (who, used) = (Arc::new(who), Arc::new(AtomicBool::new(false)));
    let connected = used.clone();
    let mut options = ConnectOptions::with_auth_callback(move |nonce| {
        let (who, used) = (who.clone(), used.clone());
        async move {
            if used.load(Ordering::Relaxed) {
                return Err(AuthError::new("this connection is over"));
            }
            who.auth(&nonce)
        }
    })
    .name("switchwire-bridge")
    .retain_servers_order()
    .ignore_discovered_servers()
    .max_reconnects(config.url.split(',').count())
    .client_capacity(4096);
    if let Some(ca) = &config.ca {
        options = options.add_root_certificates(ca.clone());
    }
    let servers: Vec<&str> = config.url.split(',').map(str::trim).collect();
    let client = options.connect(servers).await.map_err(|error| error.to_string())?;
    connected.store(true, Ordering::Relaxed);
    Ok(client)
}

/// How to log in.
enum Who {
    Anonymous,
    User { name: String, password: String },
    Token(String),
    Credentials { jwt: String, key: Box<nkeys::KeyPair> },
}

impl Who {
    async fn read(config: &NatsConfig) -> Result<Self, String> {
        let read = |secret: &crate::config::Secret| secret.read().map_err(|error| error.to_string());
        if let Some(path) = &config.credentials {
            let text = tokio::fs::read_to_string(path).await;
            let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
            return Self::credentials(&text)
                .ok_or_else(|| format!("{} holds no credentials", path.display()));
        }
        if let Some(token) = &config.token {
            return Ok(Self::Token(read(token)?));
        }
        match &config.user {
            Some(name) => {
                let password = config.password.as_ref().map_or(Ok(String::new()), read)?;
                Ok(Self::User { name: name.clone(), password })
            }
            None => Ok(Self::Anonymous),
        }
    }

    /// Two blocks between lines of dashes: the token, the seed of the key.
    fn credentials(text: &str) -> Option<Self> {
        let mut blocks =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
        let jwt = blocks.find(|line| line.starts_with("eyJ"))?.to_owned();
        let seed = blocks.find(|line| line.starts_with("SU"))?;
        Some(Self::Credentials { jwt, key: Box::new(nkeys::KeyPair::from_seed(seed).ok()?) })
    }

    fn auth(&self, nonce: &[u8]) -> Result<Auth, AuthError> {
        let mut auth = Auth::new();
        match self {
            Self::Anonymous => {}
            Self::User { name, password } => {
                auth.username = Some(name.clone());
                auth.password = Some(password.clone());
            }
            Self::Token(token) => auth.token = Some(token.clone()),
            Self::Credentials { jwt, key } => {
                auth.jwt = Some(jwt.clone());
                auth.signature = Some(key.sign(nonce).map_err(AuthError::new)?);
            }
        }
        Ok(auth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_two_blocks() {
        let key = nkeys::KeyPair::new_user();
        let seed = key.seed().expect("a seed");
        let text = format!(
            "-----BEGIN NATS USER JWT-----\neyJ0.e30.x\n------END NATS USER JWT------\n\n***\n-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        let Some(Who::Credentials { jwt, key: read }) = Who::credentials(&text) else {
            panic!("credentials")
        };
        assert_eq!((jwt.as_str(), read.public_key()), ("eyJ0.e30.x", key.public_key()));
        assert!(Who::credentials("nothing of the kind").is_none());
    }
}
