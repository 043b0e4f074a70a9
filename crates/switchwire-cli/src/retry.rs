//! Connecting again where it fails: `--retry`, and the console's reconnect.

use std::time::Duration;

use switchwire::Error;

/// As many tries as `fs_cli -r` makes.
pub(crate) const TRIES: u32 = 121;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

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

/// Says on stderr that another try follows.
pub(crate) fn say(error: &Error) {
    crate::failure::note(&format!("{error}. Retrying."));
}
