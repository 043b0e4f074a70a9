//! Locks, time and the socket: the real ones, or those of the model (see `model`), in which the engine is checked.

#[cfg(not(all(test, switchwire_model)))]
pub(crate) use {
    crate::socket::Socket,
    parking_lot::{Condvar, Mutex, MutexGuard},
    std::{thread::yield_now, time::Instant},
};

#[cfg(all(test, switchwire_model))]
pub(crate) use {
    crate::model::{
        clock::Instant,
        lock::{Condvar, Mutex, MutexGuard},
        wire::Socket,
    },
    shuttle::thread::yield_now,
};
