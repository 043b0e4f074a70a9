//! Fuzz targets: plain functions that take any bytes and panic when a promise is broken.
//!
//! libFuzzer feeds them (`cargo xtask fuzz`, or `cargo fuzz run --features libfuzzer --fuzz-dir tests/fuzz TARGET`); the
//! tests of this crate replay their corpora with any compiler.

mod corpus;
pub mod seeds;
mod targets;

pub use corpus::{corpus, pack};
pub use targets::{c_events, c_json, c_receive, commands, decoder, events, simulator, texts};

/// A target: its name, which is also that of its folder and its archive under `corpus/`, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("decoder", decoder),
    ("events", events),
    ("commands", commands),
    ("texts", texts),
    ("simulator", simulator),
    ("c_events", c_events),
    ("c_receive", c_receive),
    ("c_json", c_json),
];
