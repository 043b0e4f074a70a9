//! Passwords and tokens: in the file itself, in a file of their own, or in the environment. Never shown.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// Where a secret is: `"the text"`, `{ file = "/run/secrets/esl" }` (its first line), or `{ env = "ESL_PASSWORD" }`.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Secret {
    /// The secret itself.
    Text(String),
    /// A file whose first line it is.
    File {
        /// The file.
        file: PathBuf,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        env: String,
    },
}

impl Secret {
    /// Reads it.
    ///
    /// # Errors
    /// [`ConfigError`], which names the place and not the secret.
    pub fn read(&self) -> Result<String, ConfigError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File { file } => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| ConfigError::File { path: file.clone(), error })?;
                Ok(text.lines().next().unwrap_or_default().to_owned())
            }
            Self::Environment { env } => std::env::var(env).map_err(|_| {
                ConfigError::Wrong(format!("the environment has no {env} (or one that is not UTF-8)"))
            }),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("(hidden)"),
            Self::File { file } => write!(f, "(the first line of {})", file.display()),
            Self::Environment { env } => write!(f, "(${env})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_its_place_and_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        std::fs::write(&file, "s3cret\nmore\n").expect("written");
        let secret = Secret::File { file };
        assert_eq!(secret.read().expect("read"), "s3cret");
        assert!(!format!("{secret:?} {:?}", Secret::Text("s3cret".to_owned())).contains("s3cret"));
        let missing = Secret::Environment { env: "SWITCHWIRE_BRIDGE_NO_SUCH".to_owned() };
        assert!(missing.read().expect_err("missing").to_string().contains("SWITCHWIRE_BRIDGE_NO_SUCH"));
    }
}
