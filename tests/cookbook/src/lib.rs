//! The programs are in `docs/cookbook`, a folder for each recipe, and in the book's pages: `tests/book` runs
//! them. Those in Rust in the pages are compiled here.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/calls.md")]
mod guides_calls {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/commands.md")]
mod guides_commands {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/dialling.md")]
mod guides_dialling {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/events.md")]
mod guides_events {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/jobs.md")]
mod guides_jobs {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/testing.md")]
mod guides_testing {}
