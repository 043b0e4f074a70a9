//! The engine in a model of threads: the same source, with locks, time and socket whose every step a scheduler chooses.
//!
//! `cargo xtask model` runs it (`--cfg switchwire_model`, with [shuttle](https://docs.rs/shuttle)). Thousands of
//! schedules of each scenario are run: at random, and by the PCT method, which finds a bug that needs few preemptions
//! with a known probability. In every one of them nothing may be lost, doubled or out of order, and no thread may be left
//! asleep: a schedule that ends with a thread waiting is a deadlock, which the scheduler reports.
//!
//! What the model is strict about where the real world is kind: nobody wakes up but who was woken (no spurious wake-ups
//! that would hide a lost one), each waiter by itself; time stands still until the scenario lets it go on, and a time-out
//! wakes only the one whose time has passed. What it does not model: weak memory (all that is shared lies behind locks;
//! nothing in the engine is ordered by atomics alone).
//!
//! **Why one reader at a time is enough** (what the scenarios try to refute). `Inbox::led` is only changed with the inbox
//! locked; who finds it `false` sets it, and who has set it is the only one to touch socket and decoder until it has
//! cleared it with the lock held again. Who finds it `true` and has nothing to take joins the followers, under the same
//! lock: so the reader, which clears `led` under it, then wakes either nobody (there is no follower) or all. Each of them
//! looks for what it waits for, and if it finds nothing, for the end of the connection, and then leads. So as long as
//! anybody waits somebody leads, or is awake and will. Answers are given in the order of asking, since a command's slot
//! is queued under the outbox's lock, with which its bytes are written.

pub(crate) mod clock;
pub(crate) mod lock;
mod scenarios;
mod waiter;
pub(crate) mod wire;
