//! Waiting for many sockets at once.
//!
//! A socket is reported when something comes after it was last read to the end: not again for what was there already, so
//! that one that another thread is about to read keeps no thread busy.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod by_epoll;
#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
mod by_poll;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use self::by_epoll::Poller;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use self::by_poll::Poller;

/// A socket on which something has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// What it was added with.
    pub(crate) key: u64,
    /// The peer has ended the stream, or it is broken: what reading tells last.
    pub(crate) ended: bool,
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::Found;
    use crate::deadline::Deadline;

    const SOON: Duration = Duration::from_millis(20);
    const PATIENCE: Duration = Duration::from_secs(20);

    macro_rules! tests_of {
        ($name:ident, $poller:ty) => {
            mod $name {
                use super::*;

                fn found(poller: &$poller, time: Duration) -> Vec<Found> {
                    let mut found = Vec::new();
                    poller.wait(&mut found, Deadline::after(time)).unwrap();
                    found
                }

                #[test]
                fn a_socket_is_reported_once_for_what_came_and_again_for_more() {
                    let poller = <$poller>::new().unwrap();
                    let (mut theirs, mut ours) = UnixStream::pair().unwrap();
                    poller.add(ours.as_fd(), 7).unwrap();
                    assert!(found(&poller, Duration::ZERO).is_empty());
                    theirs.write_all(b"one").unwrap();
                    assert_eq!(found(&poller, PATIENCE), [Found { key: 7, ended: false }]);
                    assert!(found(&poller, SOON).is_empty(), "it has been reported");
                    assert_eq!(ours.read(&mut [0; 9]).unwrap(), 3);
                    poller.is_read(7);
                    theirs.write_all(b"two").unwrap();
                    assert_eq!(found(&poller, PATIENCE), [Found { key: 7, ended: false }]);
                }

                #[test]
                fn what_was_there_before_it_was_added_and_the_end_are_reported() {
                    let poller = <$poller>::new().unwrap();
                    let (mut theirs, ours) = UnixStream::pair().unwrap();
                    theirs.write_all(b"early").unwrap();
                    drop(theirs);
                    poller.add(ours.as_fd(), 1).unwrap();
                    assert_eq!(found(&poller, PATIENCE), [Found { key: 1, ended: true }]);
                }

                #[test]
                fn a_socket_that_was_removed_is_not_reported() {
                    let poller = <$poller>::new().unwrap();
                    let (mut theirs, ours) = UnixStream::pair().unwrap();
                    poller.add(ours.as_fd(), 1).unwrap();
                    poller.remove(ours.as_fd(), 1);
                    theirs.write_all(b"late").unwrap();
                    assert!(found(&poller, SOON).is_empty());
                }

                #[test]
                fn a_wait_is_ended_from_outside_and_every_time() {
                    let poller = <$poller>::new().unwrap();
                    for _ in 0..3 {
                        std::thread::scope(|scope| {
                            let waiting = scope.spawn(|| {
                                let mut found = Vec::new();
                                poller.wait(&mut found, Deadline::NEVER).unwrap();
                                found
                            });
                            poller.wake();
                            assert!(waiting.join().unwrap().is_empty());
                        });
                    }
                }
            }
        };
    }

    tests_of!(as_it_is_used, super::super::Poller);
    tests_of!(by_poll, super::super::by_poll::Poller);
}
