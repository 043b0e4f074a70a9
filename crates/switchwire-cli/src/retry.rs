//! Connecting again where it fails: `--retry`, and the console's reconnect.

use std::time::Duration;

use switchwire::{Backoff, Error, ManagedConnection, ManagedState};

use crate::server::Opener;

/// As many tries as `fs_cli -r` makes.
pub(crate) const TRIES: u32 = 121;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// How soon a failure of the first attempts is noticed.
const LOOK: Duration = Duration::from_millis(50);

/// Opens, up to `tries` times with a second between them. `failed` gets every failure that another try follows.
///
/// # Errors
/// That of the last try.
pub(crate) fn open<Opened>(
    tries: u32,
    open: impl Fn() -> Result<Opened, Error>,
    failed: impl Fn(&Error),
) -> Result<Opened, Error> {
    for _ in 1..tries {
        match open() {
            Err(error) => failed(&error),
            opened => return opened,
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    open()
}

/// The same for a connection that comes back when it is lost: returns with the first one. After a loss it gives up when
/// [`TRIES`] attempts in a row have failed.
///
/// # Errors
/// That of the last try, or of one after which a further one would not help (a wrong password).
pub(crate) fn supervised(
    opener: &Opener,
    tries: u32,
    failed: impl Fn(&Error),
) -> Result<ManagedConnection, Error> {
    let backoff = Backoff::between(BETWEEN_TRIES / 4, BETWEEN_TRIES).attempts(TRIES);
    let connection = opener.destination().managed().backoff(backoff).start()?;
    let mut noted = 0;
    loop {
        let Err(error) = connection.wait_up(LOOK) else { return Ok(connection) };
        let status = connection.status();
        if matches!(status.state, ManagedState::GaveUp | ManagedState::Closed) {
            return Err(error);
        }
        if status.failures > noted
            && let Some(error) = status.last_error
        {
            noted = status.failures;
            if noted >= tries {
                return Err(error);
            }
            failed(&error);
        }
    }
}

/// Says on stderr that another try follows.
pub(crate) fn say(error: &Error) {
    crate::failure::note(&format!("{error}. Retrying."));
}
