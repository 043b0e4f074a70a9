//! Connecting to a server, and taking over the connection that a server made to the program.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::IntoRawFd;
use std::time::Instant;

use libc::{c_char, sockaddr_in, sockaddr_in6};
use switchwire_proto::{BuildError, Command, ContentType, Login};

use crate::guard::guard;
use crate::handle::{close, deadline};
use crate::headers::Event;
use crate::held::{drop_event, kind_of, set_error};
use crate::memory::bytes;
use crate::session::Session;
use crate::types::{ESL_BREAK, ESL_FAIL, ESL_SUCCESS, esl_handle_t, esl_port_t, esl_socket_t, esl_status_t};

/// Why connecting failed: the message for `err`, and `errno`.
struct Failure(String, i32);

impl Failure {
    fn new(text: &str) -> Self {
        Self(text.to_owned(), 0)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self(error.to_string(), libc::EINVAL)
    }
}

/// Connects and logs in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_connect_timeout(
    handle: *mut esl_handle_t,
    host: *const c_char,
    port: esl_port_t,
    user: *const c_char,
    password: *const c_char,
    timeout: u32,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if handle.is_null() {
            return ESL_FAIL;
        }
        // SAFETY: C's promises: a zeroed or disconnected handle, C strings or NULL.
        unsafe {
            if (*handle).connected != 0 && !(*handle).packet_buf.is_null() {
                close(handle);
            }
            // The reply to an earlier login.
            drop_event(&mut (*handle).last_event);
            (*handle).last_reply[0] = 0;
            let host = String::from_utf8_lossy(bytes(host).unwrap_or_default()).into_owned();
            let login = credentials(bytes(user), bytes(password).unwrap_or_default());
            let result = login.map_err(Failure::from).and_then(|login| {
                dial(handle, &host, port.cast_unsigned(), timeout)?;
                log_in(handle, &login, timeout)
            });
            match result {
                Ok(()) => ESL_SUCCESS,
                Err(Failure(text, errno)) => {
                    // The server's reply stays for the program to read until it disconnects or connects again.
                    let last_event = std::mem::replace(&mut (*handle).last_event, std::ptr::null_mut());
                    let last_reply = (*handle).last_reply;
                    close(handle);
                    (*handle).last_event = last_event;
                    (*handle).last_reply = last_reply;
                    (*handle).destroyed = 0;
                    set_error(handle, &text, errno);
                    ESL_FAIL
                }
            }
        }
    })
}

fn credentials(user: Option<&[u8]>, password: &[u8]) -> Result<Command, BuildError> {
    match user.filter(|user| !user.is_empty()) {
        Some(user) => Command::userauth_bytes(user, password),
        None => Command::auth_bytes(password),
    }
}

/// # Safety
/// A living handle.
unsafe fn dial(handle: *mut esl_handle_t, host: &str, port: u16, timeout: u32) -> Result<(), Failure> {
    let mut addresses: Vec<SocketAddr> =
        (host, port).to_socket_addrs().map_err(|_| Failure::new("Cannot resolve host"))?.collect();
    // IPv4 first: the original supports nothing else, so that is where servers are.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let deadline = deadline(timeout);
    let mut failure = Failure::new("Cannot resolve host");
    for address in addresses {
        match open(address, deadline) {
            Ok(socket) => {
                let _ = socket.set_nodelay(true);
                // SAFETY: the caller's promise.
                unsafe {
                    note_address(handle, address);
                    attach(handle, socket.into_raw_fd());
                }
                return Ok(());
            }
            Err(error) => {
                let text = match error.kind() {
                    std::io::ErrorKind::TimedOut => "Connection timed out",
                    _ => "Socket Connection Error",
                };
                failure = Failure(text.to_owned(), error.raw_os_error().unwrap_or(libc::ETIMEDOUT));
            }
        }
    }
    Err(failure)
}

fn open(address: SocketAddr, deadline: Option<Instant>) -> std::io::Result<TcpStream> {
    match deadline {
        None => TcpStream::connect(address),
        Some(deadline) => {
            let left = deadline.saturating_duration_since(Instant::now());
            // A timeout of zero is invalid there; after the deadline it is as short as possible.
            TcpStream::connect_timeout(&address, left.max(std::time::Duration::from_millis(1)))
        }
    }
}

/// Attaches an open socket to a handle.
///
/// # Safety
/// A living handle that is not connected.
unsafe fn attach(handle: *mut esl_handle_t, socket: esl_socket_t) {
    // SAFETY: the caller's promise. A new connection has new receiver state.
    unsafe {
        crate::buffer::esl_buffer_destroy(&raw mut (*handle).packet_buf);
        (*handle).sock = socket;
        (*handle).connected = 1;
        (*handle).destroyed = 0;
        set_error(handle, "", 0);
    }
}

/// # Safety
/// A living handle.
unsafe fn note_address(handle: *mut esl_handle_t, address: SocketAddr) {
    // SAFETY: `sockaddr` has room for either kind.
    unsafe {
        let place = &raw mut (*handle).sockaddr;
        match address.ip() {
            IpAddr::V4(ip) => {
                let mut v4: sockaddr_in = std::mem::zeroed();
                v4.sin_family = libc::AF_INET as libc::sa_family_t;
                v4.sin_port = address.port().to_be();
                v4.sin_addr.s_addr = u32::from_ne_bytes(ip.octets());
                place.cast::<sockaddr_in>().write(v4);
            }
            IpAddr::V6(ip) => {
                let mut v6: sockaddr_in6 = std::mem::zeroed();
                v6.sin6_family = libc::AF_INET6 as libc::sa_family_t;
                v6.sin6_port = address.port().to_be();
                v6.sin6_addr.s6_addr = ip.octets();
                place.cast::<sockaddr_in6>().write(v6);
            }
        }
    }
}

/// # Safety
/// A living, connected handle.
unsafe fn log_in(handle: *mut esl_handle_t, login: &Command, timeout: u32) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    unsafe {
        let session = Session::open(handle).ok_or_else(|| Failure::new("Connection Error"))?;
        // Both messages are received like any others, so the reply stays as `last_event`.
        let receive = |failure| {
            let status = session.receive(false, std::ptr::null_mut(), deadline(timeout));
            check(handle, status, failure)
        };
        receive("Connection Error")?;
        if kind_of((*handle).last_event) != ContentType::AuthRequest {
            return Err(Failure::new("Connection Error"));
        }
        check(handle, session.write(login), "Authentication Error")?;
        receive("Authentication Error")?;
        let reply = Event::new((*handle).last_event).and_then(|event| event.value(b"reply-text"));
        match reply {
            Some(text) if Login::is_accepted_classic(text) => {
                session.link().release();
                Ok(())
            }
            _ => Err(Failure::new("Authentication Error")),
        }
    }
}

/// # Safety
/// A living handle.
unsafe fn check(handle: *mut esl_handle_t, status: esl_status_t, failure: &str) -> Result<(), Failure> {
    match status {
        ESL_SUCCESS => Ok(()),
        ESL_BREAK => Err(Failure("Connection timed out".to_owned(), libc::ETIMEDOUT)),
        // SAFETY: the caller's promise.
        _ => Err(Failure(failure.to_owned(), unsafe { (*handle).errnum })),
    }
}

/// Takes over a connection that a server made to the program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_attach_handle(
    handle: *mut esl_handle_t,
    socket: esl_socket_t,
    addr: *mut sockaddr_in,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if handle.is_null() || socket == -1 {
            return ESL_FAIL;
        }
        // SAFETY: C's promises: a zeroed or disconnected handle, an address or NULL.
        unsafe {
            attach(handle, socket);
            if let Some(addr) = addr.as_ref() {
                (*handle).addr = *addr;
            }
            let status = match Session::open(handle) {
                Some(session) => {
                    let status = session.request(&Command::connect(), None);
                    session.link().release();
                    status
                }
                None => ESL_FAIL,
            };
            if status == ESL_SUCCESS {
                (*handle).info_event = std::mem::replace(&mut (*handle).last_sr_event, std::ptr::null_mut());
                return ESL_SUCCESS;
            }
            let text = (*handle).err;
            let errno = (*handle).errnum;
            close(handle);
            (*handle).err = text;
            (*handle).errnum = errno;
        }
        ESL_FAIL
    })
}
