//! What no event tells: registrations and gateways, asked for now and then.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use switchwire::Fleet;

use super::figures::Figures;
use crate::failure::{Failure, Result};

/// Asks all servers every so often, on a thread of its own: a slow server holds nothing else up.
pub(crate) fn start(fleet: Fleet, interval: Duration, figures: Arc<Mutex<Figures>>) -> Result {
    let ask = move || {
        loop {
            poll(&fleet, &figures);
            thread::sleep(interval.max(SHORTEST));
        }
    };
    let thread = thread::Builder::new().name("poll".into());
    thread.spawn(ask).map(drop).map_err(|error| Failure::failed(format!("cannot start a thread: {error}")))
}

fn poll(fleet: &Fleet, figures: &Mutex<Figures>) {
    let ask = |command, arguments| fleet.api_all(command, arguments, PATIENCE).unwrap_or_default();
    for one in ask("show", "registrations count") {
        let count = one.outcome.reply().and_then(|reply| total(&reply.text()));
        figures.lock().of(&one.server).registrations = count;
    }
    for one in ask("sofia", "status") {
        let list = one.outcome.reply().map(|reply| gateways(&reply.text())).unwrap_or_default();
        figures.lock().of(&one.server).gateways = list;
    }
}

/// `7 total.`
fn total(text: &str) -> Option<u64> {
    text.trim().strip_suffix(" total.")?.trim().parse().ok()
}

/// The rows of `sofia status` whose type is `gateway`: name and state.
fn gateways(text: &str) -> Vec<(String, String)> {
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::trim);
        let (name, kind, _, state) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
        (kind == "gateway").then(|| (name.to_owned(), state.to_owned()))
    };
    text.lines().filter_map(row).collect()
}

const PATIENCE: Duration = Duration::from_secs(10);
const SHORTEST: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_gateways_are_read() {
        assert_eq!(total("\n12 total.\n"), Some(12));
        assert_eq!(total("-ERR permission denied\n"), None);
        let status = "   Name\t   Type\t      Data\tState\n=====\n  127.0.0.1\t  alias\t  internal\tALIASED\n \
                      external::loopgw\tgateway\t  sip:1000@127.0.0.1:5076\tNOREG\n  internal\tprofile\t x\tRUNNING (0)\n";
        assert_eq!(gateways(status), [("external::loopgw".to_owned(), "NOREG".to_owned())]);
    }
}
