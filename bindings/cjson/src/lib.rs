//! The cJSON API and cJSON's utilities (`include/esl_json.h`, `include/esl_cJSON_Utils.h`), which libesl exports and its
//! programs use. `bindings/c` links this crate in (its feature `cjson`, on by default).
//!
//! In scope: cJSON's names, structs and behaviour, as of its version 1.7.12. Out of scope: events, whose JSON form is
//! `switchwire-proto`'s.
//!
//! Strings are escaped by `switchwire-proto`'s JSON writer, as those of events are.
//!
//! Written in Rust rather than linked: Debian's `libcjson` has no static library, so its functions could be neither exported
//! by `libesl.so` nor put into `libesl.a`.
//!
//! [`node`] (nodes and their memory), [`tree`] (members of arrays and objects), [`duplicate`], [`compare`], [`parse`], `minify`, [`print`](mod@print),
//! [`pointer`](mod@pointer) (RFC 6901), [`patch`] (RFC 6902 and 7396).
//!
//! Every function is guarded: a panic never crosses into C, the caller gets the function's failure value.
//! Safety, for all of them: pointers are NULL (then the function fails or does nothing) or point to what the header says;
//! a value is used by one thread at a time.
#![allow(non_snake_case, reason = "C's names")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the safety rules of all functions are the ones above and in include/*.h"
)]

pub mod compare;
pub mod duplicate;
mod edge;
mod minify;
pub mod node;
mod number;
pub mod parse;
pub mod patch;
pub mod pointer;
pub mod print;
pub mod tree;
