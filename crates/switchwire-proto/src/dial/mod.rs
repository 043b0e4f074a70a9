//! Dial strings and the argument of `originate` as values: printed to text and read back.
//!
//! In scope: what FreeSWITCH's `originate` and `bridge` take ([`DialString`], [`Leg`], [`Endpoint`], [`Variables`],
//! [`Originate`], [`Target`]), with the escaping that the server's passes over such texts call for. What cannot be said
//! so that the server takes it for this value is a [`DialError`] before anything is sent.
//!
//! Recorded from a 1.11.2: quotes around a value keep blanks, but not commas, since the split of `originate`'s
//! arguments has taken them away when pairs are told apart (`b='x,y'` sets `x`); `^^:` blocks keep commas; a blank
//! outside quotes ends the dial string (`DESTINATION_OUT_OF_ORDER`); two `[]` blocks after each other fail
//! (`CHAN_NOT_IMPLEMENTED`); `&app(...)` ends at the first `)`.

mod endpoint;
mod error;
mod identity;
mod originate;
mod originated;
pub(crate) mod passes;
mod string;
mod variables;

pub use endpoint::Endpoint;
pub use error::DialError;
pub use originate::{Originate, Target};
pub use originated::Originated;
pub use string::{Carrier, DialString, Leg, Thread};
pub use variables::Variables;
