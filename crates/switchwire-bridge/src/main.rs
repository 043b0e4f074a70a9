//! The program `switchwire-bridge`.

mod arguments;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use switchwire_bridge::{Bridge, Config};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // (The broker's client says once more, in its words, what we say of it.)
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,async_nats=off"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let run = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(run(&arguments))
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("switchwire-bridge: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let config = arguments.config()?;
    if arguments.check {
        println!("{config:#?}");
        return Ok(());
    }
    // Asked for before anything is started: also as process 1, and where SIGINT was ignored.
    let (mut terminate, mut interrupt, mut hang_up) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?);
    let mut bridge = Bridge::start(config).await?;
    if let Some(address) = bridge.http() {
        println!("http://{address}");
    }
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload(&mut bridge, arguments),
        }
    }
    tracing::info!("stopping");
    let left = bridge.stop().await;
    if left > 0 {
        return Err(format!("{left} records could be neither delivered nor spooled").into());
    }
    Ok(())
}

/// A configuration that cannot be used changes nothing.
fn reload(bridge: &mut Bridge, arguments: &Arguments) {
    let config: Result<Config, _> = arguments.config();
    match config.map_err(Into::into).and_then(|config| bridge.reload(config)) {
        Ok(left) if left.is_empty() => tracing::info!("the configuration is read again"),
        Ok(left) => tracing::warn!(?left, "the configuration is read again; these parts take a new start"),
        Err(error) => tracing::error!(%error, "the configuration is not read again"),
    }
}
