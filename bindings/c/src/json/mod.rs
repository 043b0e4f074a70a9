//! `esl_json.h` and `esl_cJSON_Utils.h`: the cJSON API and cJSON's utilities, which libesl exports and whose programs expect it to be there.
//!
//! Written here rather than linked: Debian's `libcjson` has no static library (so its functions cannot be exported by
//! libesl.so, nor put into libesl.a), no kept crate brings the sources, and a build that needs neither is the surest.
//! Events do not go through here: their JSON form is `switchwire-proto`'s.
#![allow(non_snake_case, reason = "C's names")]

mod minify;
pub mod node;
pub mod parse;
pub mod patch;
pub mod pointer;
pub mod print;
pub mod tree;
