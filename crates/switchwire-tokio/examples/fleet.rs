//! Watches several servers as one, and asks all of them how many calls they have whenever one has come or gone.
//!
//! `cargo run --example fleet -- fs1.example.net fs2.example.net`

use std::time::Duration;

use switchwire_tokio::{
    Fleet, FleetBuilder, FleetServer, FleetUpdate, HealthState, ManagedConnection, Result, ServerOutcome,
};

#[tokio::main]
async fn main() -> Result<()> {
    let server = |host: String| FleetServer::new(&host, ManagedConnection::builder(&host, 8021));
    let builder = std::env::args().skip(1).map(server).fold(Fleet::builder(), FleetBuilder::server);
    watch(builder, |line| {
        println!("{line}");
        true
    })
    .await
}

/// Prints until `print` says that it is enough.
pub(crate) async fn watch(builder: FleetBuilder, mut print: impl FnMut(String) -> bool) -> Result<()> {
    let fleet = Fleet::start(builder)?;
    loop {
        let item = fleet.recv().await?;
        let FleetUpdate::Health(health) = &item.update else { continue };
        let mut on = print(format!("{} is {}", item.server, health.state.name()));
        if health.state != HealthState::Degraded {
            for one in fleet.api_all("show", "channels count", Duration::from_secs(5)).await? {
                on &= print(match one.outcome {
                    ServerOutcome::Reply(reply) => format!("{}: {}", one.server, reply.text().trim()),
                    ServerOutcome::Failed(why) | ServerOutcome::Unknown(why) => {
                        format!("{}: {why}", one.server)
                    }
                });
            }
        }
        if !on {
            fleet.close().await;
            return Ok(());
        }
    }
}
