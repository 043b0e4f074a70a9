//! `sim`: the simulator on a port.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use switchwire_sim::{Faults, Load, Scenario, Simulator, User};

use crate::failure::{Failure, Result};
use crate::secret::Secret;
use crate::server::environment_password;
use crate::{duration, output, signals};

/// Run a simulated event socket, for tests and trials without a FreeSWITCH, until it is killed or shut down (`fsctl shutdown`)
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct SimArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:8021")]
    bind: String,

    /// The password that it takes [default: the environment's SWITCHWIRE_PASSWORD, else ClueCon]
    #[arg(short, long)]
    password: Option<Secret>,

    /// A directory user that may log in; may be repeated
    #[arg(short, long = "user", value_name = "USER@DOMAIN:PASSWORD")]
    users: Vec<Secret>,

    /// Fire a HEARTBEAT event every so often (seconds, or 500ms, 2m …) [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = duration::seconds)]
    heartbeat: Option<Duration>,

    /// An extension that connects out (`socket HOST:PORT async full`); may be repeated; without an extension: 9100
    #[arg(long, value_name = "[EXTENSION=]HOST:PORT")]
    outbound: Vec<String>,

    /// A scenario (TOML): extensions, endpoints, scripted events, faults, expectations; checked at the end, exit code 1
    /// and a message if one is not met
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,

    /// Faults of every connection, by name: `split=3,delay=10ms`; a wrong name lists them
    #[arg(long, value_name = "NAME[=VALUE],...")]
    faults: Option<Faults>,

    /// Make that many calls a second, each with all its events
    #[arg(long, value_name = "NUMBER")]
    calls_per_second: Option<f64>,

    /// How long each of those calls lasts
    #[arg(long, value_name = "SECONDS", value_parser = duration::seconds, default_value = "100ms")]
    call_duration: Duration,
}

const AFTER: &str = "\
The address is printed on stdout once it listens: `listening on 127.0.0.1:8021`.
Built-in extensions: 9000 (answer, park), 9001 (answer, a tone), 9003 (busy), 9196 (echo), 9664 (music).";

pub(crate) fn run(args: SimArgs) -> Result {
    let mut builder = Simulator::builder().bind(&args.bind).heartbeat(args.heartbeat);
    if let Some(password) = args.password.map(|given| given.reveal().to_owned()).or_else(environment_password)
    {
        builder = builder.password(&password);
    }
    for user in &args.users {
        builder = builder.user(account(user)?);
    }
    for outbound in &args.outbound {
        let (extension, address) = outbound.split_once('=').unwrap_or((OUTBOUND_EXTENSION, outbound));
        builder = builder.extension(extension, &[("socket", &format!("{address} async full"))]);
    }
    if let Some(file) = &args.scenario {
        builder = builder.scenario(&Scenario::read(file).map_err(Failure::usage)?);
    }
    if let Some(faults) = args.faults {
        builder = builder.faults(faults);
    }
    if let Some(calls) = args.calls_per_second {
        builder = builder.load(Load::calls_per_second(calls).duration(args.call_duration));
    }
    let started = builder.start();
    let simulator =
        started.map_err(|error| Failure::failed(format!("cannot listen on {}: {error}", args.bind)))?;
    output::line(format!("listening on {}", simulator.addr()))?;
    let Some(file) = args.scenario else {
        simulator.wait();
        return Ok(());
    };
    let verifier = simulator.verifier();
    let check = move || match verifier.verify(Duration::ZERO) {
        Ok(()) => Ok(()),
        Err(unmet) => {
            // Several lines, which a failure's message is not.
            crate::failure::note(&format!("{}: {unmet}", file.display()));
            Err(Failure::silent())
        }
    };
    signals::at_the_end(check.clone());
    simulator.wait();
    check()
}

fn account(text: &Secret) -> Result<User> {
    let wrong = || Failure::usage("--user must be USER@DOMAIN:PASSWORD");
    let (who, password) = text.reveal().split_once(':').ok_or_else(wrong)?;
    let (name, domain) = who.split_once('@').ok_or_else(wrong)?;
    Ok(User::new(name, domain, password))
}

const OUTBOUND_EXTENSION: &str = "9100";
