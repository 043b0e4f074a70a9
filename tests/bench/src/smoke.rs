//! A few events through every client that is there: what was delivered is compared, nothing is timed.

use anyhow::{Result, bail, ensure};

use crate::client::{CLIENTS, Side};
use crate::install::Installed;
use crate::measure::{self, Contest, Effort};
use crate::server::Sends;
use crate::{growth, layers, lookups, sessions};

/// Every client of ours must deliver everything, however it is sent. What peers get wrong is reported.
pub(crate) fn run(require_all: bool) -> Result<()> {
    let installed = Installed::new(false)?;
    let effort = Effort { rounds: 1, events: 0, asks: 0, instructions: false, seconds: 0, starts: 0 };
    let mut contest = Contest::new(&installed, effort, &[])?;
    // More than one pass of either recording, and no whole number of passes.
    contest.verify(&[Sends::Bulk, Sends::One, Sends::Two, Sends::Crumbs], 1777);
    contest.try_stamps();
    let results = &contest.results;
    let mut faults = 0;
    for client in CLIENTS {
        let ours = client.side == Side::Ours;
        let missing = results.missing.get(client.name);
        let verdict = match (missing, results.wrong.get(client.name)) {
            (Some(why), _) => format!("SKIPPED: {why}"),
            (None, Some(wrong)) => format!("WRONG: {}", measure::faults(wrong)),
            (None, None) => "all delivered".to_owned(),
        };
        if client.side != Side::Floor {
            println!("{:18} {verdict}", client.name);
        }
        ensure!(!(ours && require_all && missing.is_some()), "{}: {verdict} (REQUIRE_ALL=1)", client.name);
        faults += usize::from(ours && results.wrong.contains_key(client.name));
    }
    if faults > 0 {
        bail!("{faults} of ours did not deliver what was sent");
    }
    // (That all is delivered, not how fast.)
    layers::run(1, 2000, 1, false)?;
    lookups::run(1)?;
    sessions::run(100, 1, false)?;
    growth::run(&growth::Effort { most: 100, rounds: 1, events: 2000, commands: 200 }, &[], false)
}
