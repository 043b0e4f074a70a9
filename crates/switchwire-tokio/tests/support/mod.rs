//! What the tests share: both kinds of runtime, and the peer of the core's own tests.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its part")]

#[path = "../../../switchwire/tests/support/mod.rs"]
mod core;

use std::future::Future;

pub use self::core::*;
use switchwire_sim::Simulator;
use switchwire_tokio::Connection;
use tokio::runtime::Builder;

/// Runs the test on a runtime of each kind, each time for at most a time that nothing here takes.
pub fn on_each_runtime<F>(test: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        let task = runtime.spawn(test());
        runtime.block_on(async { tokio::time::timeout(PATIENCE * 3, task).await }).expect("it ends").unwrap();
    }
}

/// As [`on_each_runtime`], for a test that stays on its thread; the connections' tasks do not.
pub fn here_on_each_runtime<F: Future<Output = ()>>(test: impl Fn() -> F) {
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(PATIENCE * 3, test()).await }).expect("it ends");
    }
}

/// A simulator and a connection to it.
pub async fn simulated() -> (Simulator, Connection) {
    let simulator = Simulator::builder().start().unwrap();
    let connection = connect(&simulator).await;
    (simulator, connection)
}

pub async fn connect(simulator: &Simulator) -> Connection {
    Connection::connect("127.0.0.1", simulator.port(), simulator.password()).await.unwrap()
}

/// Waits until something is so.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    let patience = async {
        while !is_so() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, patience).await.expect("it becomes so in time");
}
