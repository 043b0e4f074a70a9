//! Runs a simulator until it is killed: `cargo run -p switchwire-sim --example serve [ADDRESS]`.
#![allow(clippy::print_stdout, reason = "an example says where it listens")]

use switchwire_sim::{Simulator, User};

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let sim =
        Simulator::builder().bind(&address).user(User::new("1000", "localdomain.test", "1234")).start()?;
    println!("listening at {}, password {}", sim.addr(), sim.password());
    loop {
        std::thread::park();
    }
}
