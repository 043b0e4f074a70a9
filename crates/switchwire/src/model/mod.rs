//! The engine in a model of threads: the same source, with locks, time and socket whose every step a scheduler chooses.
//!
//! `cargo xtask model` runs it (`--cfg switchwire_model`, with [shuttle](https://docs.rs/shuttle)). Thousands of
//! schedules of each scenario are run: at random, and by the PCT method, which finds a bug that needs few preemptions
//! with a known probability. In every one of them nothing may be lost, doubled or out of order, and no thread may be left
//! asleep: a schedule that ends with a thread waiting is a deadlock, which the scheduler reports.
//!
//! Where the model is stricter than the real world: no thread wakes up unless it was woken (no spurious wake-ups
//! that would hide a lost one), each waiter by itself; time stands still until the scenario lets it go on, and a timeout
//! wakes only the thread whose time has passed. What it does not model: weak memory (all that is shared lies behind locks;
//! nothing in the engine is ordered by atomics alone).
//!
//! **Why one reader at a time is enough** (what the scenarios try to refute). `Inbox::reader` is only taken out and put back
//! with the inbox locked, and without it socket and decoder cannot be touched: that there is one reader is a matter of
//! types. A thread that finds it gone and has nothing to take joins the followers, under the same lock. The reader, when it
//! has put the token back, wakes those that the news concerns. When it goes (and so does every thread that could have
//! taken the token: one that was woken, one whose time passed as it was, one that looked at the socket in passing), it
//! wakes one follower, unless one that was woken is yet to run. Each woken one looks for what it
//! waits for, and if it finds nothing, for the end of the connection, and then takes the token. So as long as a thread
//! waits, one reads, or is awake and will. Replies go to commands in the order of sending, since a command's slot is
//! queued under the outbox's lock, under which its bytes are written.

pub(crate) mod clock;
pub(crate) mod lock;
mod scenarios;
mod waiter;
mod waking;
pub(crate) mod wire;
