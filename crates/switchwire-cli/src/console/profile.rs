//! Profiles: a server and a console's habits under one name, from `fs_cli`'s files or from our own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::fs_cli_conf;
use super::keys::Keys;
use super::style::Colour;
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// One profile. What it leaves open is `None`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) debug: Option<u8>,
    pub(crate) log_level: Option<String>,
    /// How much of the channel's uuid stands before a log line.
    pub(crate) log_uuid: Option<usize>,
    pub(crate) quiet: bool,
    pub(crate) batch: bool,
    pub(crate) no_history: bool,
    pub(crate) prompt: Option<String>,
    pub(crate) prompt_colour: Option<Colour>,
    pub(crate) input_colour: Option<Colour>,
    pub(crate) output_colour: Option<Colour>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) keys: Keys,
}

impl Profile {
    /// An empty one.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// `log-uuid-length` limits what `log-uuid` shows.
    pub(crate) fn log_uuid_length(&mut self, length: Option<usize>) {
        if let (Some(shown), Some(length)) = (&mut self.log_uuid, length.filter(|length| *length > 0)) {
            *shown = length;
        }
    }
}

/// Our own file: `[profiles.NAME]` tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profiles: std::collections::BTreeMap<String, Table>,
}

/// One table of it. The password may stand in a file of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    host: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    password: Option<String>,
    password_file: Option<PathBuf>,
    log_level: Option<String>,
    log_uuid: Option<usize>,
    #[serde(default)]
    quiet: bool,
    #[serde(default)]
    no_history: bool,
    prompt: Option<String>,
    prompt_color: Option<String>,
    input_color: Option<String>,
    output_color: Option<String>,
    /// Milliseconds.
    timeout: Option<u64>,
    /// Milliseconds.
    connect_timeout: Option<u64>,
    /// `F1 = "help"`
    #[serde(default)]
    keys: std::collections::BTreeMap<String, String>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("host", &self.host).finish_non_exhaustive()
    }
}

/// The profiles of this user: our own file's, then those of `~/.fs_cli_conf`, else of `/etc/fs_cli.conf`.
pub(crate) fn all(home: Option<&Path>) -> Result<Vec<Profile>> {
    let mut profiles = Vec::new();
    if let Some(path) = own_file(home)
        && let Some(text) = read(&path)?
    {
        profiles.extend(own(&text, &path)?);
    }
    let personal = home.map(|home| home.join(".fs_cli_conf"));
    for path in personal.into_iter().chain([PathBuf::from("/etc/fs_cli.conf")]) {
        if let Some(text) = read(&path)? {
            profiles.extend(fs_cli_conf::read(&text));
            break;
        }
    }
    Ok(profiles)
}

/// The profile of that name; without a name `default`, else the first, as `fs_cli` picks.
pub(crate) fn pick(profiles: Vec<Profile>, name: Option<&str>) -> Result<Profile> {
    if let Some(name) = name {
        let known = || profiles.iter().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = profiles.iter().find(|profile| profile.name == name).cloned();
        return found.ok_or_else(|| match profiles.is_empty() {
            true => Failure::usage(format!("no profile {name:?}: there are no profiles")),
            false => Failure::usage(format!("no profile {name:?}: there are {}", known())),
        });
    }
    let default = profiles.iter().position(|profile| profile.name == "default").unwrap_or(0);
    Ok(profiles.into_iter().nth(default).unwrap_or_default())
}

/// `$XDG_CONFIG_HOME/switchwire/config.toml`, else under `~/.config`.
fn own_file(home: Option<&Path>) -> Option<PathBuf> {
    let given = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = given.or_else(|| home.map(|home| home.join(".config")))?;
    Some(folder.join("switchwire/config.toml"))
}

fn own(text: &str, path: &Path) -> Result<Vec<Profile>> {
    // The error's own text quotes the line, which may be the password's.
    let file: File = toml::from_str(text).map_err(|error| {
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        Failure::usage(format!("{}, line {line}: {}", path.display(), error.message()))
    })?;
    file.profiles.into_iter().map(|(name, table)| table.profile(name)).collect()
}

impl Table {
    fn profile(self, name: String) -> Result<Profile> {
        let password = match (self.password, self.password_file) {
            (Some(password), _) => Some(Secret::from(password)),
            (None, Some(path)) => Some(Secret::from_file(&path)?),
            (None, None) => None,
        };
        let mut keys = Keys::default();
        for (key, line) in &self.keys {
            let number = key.strip_prefix(['F', 'f']).and_then(|number| number.parse().ok());
            let number = number.filter(|number| (1..=12).contains(number));
            keys.bind(
                number.ok_or_else(|| Failure::usage(format!("{key:?} is not a key: F1 to F12")))?,
                line,
            );
        }
        let colour = |name: Option<String>| name.as_deref().and_then(Colour::named);
        Ok(Profile {
            name,
            host: self.host,
            port: self.port,
            user: self.user,
            password,
            debug: None,
            log_level: self.log_level,
            log_uuid: self.log_uuid,
            quiet: self.quiet,
            batch: false,
            no_history: self.no_history,
            prompt: self.prompt,
            prompt_colour: colour(self.prompt_color),
            input_colour: colour(self.input_color),
            output_colour: colour(self.output_color),
            timeout: self.timeout.map(Duration::from_millis),
            connect_timeout: self.connect_timeout.map(Duration::from_millis),
            keys,
        })
    }
}

/// A file's text; `None` if there is none. One with passwords that others may read is warned of.
fn read(path: &Path) -> Result<Option<String>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::usage(format!("cannot read {}: {error}", path.display()))),
    };
    if text.to_ascii_lowercase().contains("password") {
        crate::secret::warn_if_shared(path);
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_file() {
        let text = "[profiles.lab]\nhost = 'pbx'\nport = 8022\npassword = 'keepsecret'\n[profiles.lab.keys]\nF2 = 'uptime'\n";
        let mut profile = own(text, Path::new("x")).unwrap().remove(0);
        assert_eq!(
            (profile.name.as_str(), profile.host.as_deref(), profile.port),
            ("lab", Some("pbx"), Some(8022))
        );
        assert_eq!(profile.keys.press(2), Some("uptime"));
        assert!(!format!("{profile:?}").contains("keepsecret"));
    }

    #[test]
    fn a_wrong_file_is_told_without_its_secrets() {
        let failure = own("[profiles.lab]\npassword = keepsecret\n", Path::new("x")).unwrap_err();
        let text = format!("{failure:?}");
        assert!(text.contains("line 2") && !text.contains("keepsecret"), "{text}");
        assert!(own("[profiles.lab]\nnosuch = 1\n", Path::new("x")).is_err());
        assert!(own("[profiles.lab.keys]\nF13 = 'x'\n", Path::new("x")).is_err());
    }

    #[test]
    fn one_is_picked_by_name_else_the_default_else_the_first() {
        let profiles = || vec![Profile::named("a"), Profile::named("default")];
        assert_eq!(pick(profiles(), Some("a")).unwrap().name, "a");
        assert_eq!(pick(profiles(), None).unwrap().name, "default");
        assert_eq!(pick(vec![Profile::named("a")], None).unwrap().name, "a");
        assert_eq!(pick(vec![], None).unwrap().name, "");
        assert!(pick(profiles(), Some("b")).is_err());
    }
}
