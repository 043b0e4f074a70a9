//! Every program in the book runs.
#![allow(unreachable_pub, clippy::print_stderr, reason = "modules of a test, which report skips")]

mod language;
mod pages;
mod process;
mod recipe;
mod recipes;
mod trial;
