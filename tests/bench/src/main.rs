//! Side-by-side figures. `cargo run --release -p switchwire-bench` replays recorded events to each client in rotation,
//! every client in a process of its own, and prints medians: CPU time an event, events a second, ratio to the floor.

mod drivers;
mod replay;
mod table;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Side-by-side figures of clients on the same stream")]
struct Arguments {
    /// How often each client's turn comes.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many events each client receives in its turn.
    #[arg(long, default_value_t = 200_000)]
    events: usize,
    /// Sends each event in two pieces, as FreeSWITCH does.
    #[arg(long)]
    two_pieces: bool,
    /// Only these clients.
    #[arg(long)]
    only: Vec<String>,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// One client's turn, in this process: prints what it used.
    Drive { client: String, port: u16, events: usize },
    /// Serves the stream until killed, and prints the port: for profilers and for clients in other languages.
    Serve { events: usize },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::Drive { client, port, events }) => drivers::drive(&client, port, events),
        Some(Part::Serve { events }) => replay::serve_for_ever(events, arguments.two_pieces),
        None => table::run(arguments.rounds, arguments.events, arguments.two_pieces, &arguments.only),
    }
}
