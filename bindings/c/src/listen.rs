//! Outbound mode: accepting the connections that servers make to the program.
#![allow(non_camel_case_types, reason = "C's names")]

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::ptr;

use libc::{c_char, c_int, c_void, sockaddr_in};

use crate::guard::guard;
use crate::memory::bytes;
use crate::socket::errno;
use crate::threadmutex::{esl_thread_create_detached, esl_thread_t};
use crate::trace;
use crate::types::{ESL_FAIL, ESL_SUCCESS, esl_port_t, esl_socket_t, esl_status_t};

/// Called for each connection.
pub type esl_listen_callback_t = Option<
    unsafe extern "C" fn(
        server_sock: esl_socket_t,
        client_sock: esl_socket_t,
        addr: *mut sockaddr_in,
        user_data: *mut c_void,
    ),
>;

/// Accepts until the listening socket is shut down, calling back in this thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_listen(
    host: *const c_char,
    port: esl_port_t,
    callback: esl_listen_callback_t,
    user_data: *mut c_void,
    server_sock_p: *mut esl_socket_t,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        let Some(callback) = callback else { return ESL_FAIL };
        // SAFETY: C's promises: a C string or NULL, a writable place or NULL, a function to be called with its own data.
        unsafe {
            let Some(server) = bind(bytes(host), port.cast_unsigned(), BACKLOG) else { return ESL_FAIL };
            if !server_sock_p.is_null() {
                *server_sock_p = server;
            }
            accept(server, |client, addr| callback(server, client, addr, user_data))
        }
    })
}

/// Accepts until the listening socket is shut down, calling back in one thread per connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_listen_threaded(
    host: *const c_char,
    port: esl_port_t,
    callback: esl_listen_callback_t,
    user_data: *mut c_void,
    max: c_int,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if callback.is_none() {
            return ESL_FAIL;
        }
        // SAFETY: C's promises: a C string or NULL, a function that may be called in any thread with its own data.
        unsafe {
            let Some(server) = bind(bytes(host), port.cast_unsigned(), max) else { return ESL_FAIL };
            accept(server, |client, addr| {
                let call = Box::new(Call { server, client, addr: *addr, callback, user_data });
                let call = Box::into_raw(call);
                if esl_thread_create_detached(Some(run), call.cast()) != ESL_SUCCESS {
                    drop(Box::from_raw(call));
                    libc::close(client);
                }
            })
        }
    })
}

/// A connection to be passed to its thread.
struct Call {
    server: esl_socket_t,
    client: esl_socket_t,
    addr: sockaddr_in,
    callback: esl_listen_callback_t,
    user_data: *mut c_void,
}

unsafe extern "C" fn run(_: *mut esl_thread_t, call: *mut c_void) -> *mut c_void {
    // SAFETY: the box that `esl_listen_threaded` gave to this thread, and C's function with C's data.
    unsafe {
        let mut call = Box::from_raw(call.cast::<Call>());
        if let Some(callback) = call.callback {
            callback(call.server, call.client, &raw mut call.addr, call.user_data);
        }
    }
    ptr::null_mut()
}

const BACKLOG: c_int = 10000;

/// With this variable set (and not to 0, no, false or off), every host means every interface, as in the original.
const LISTEN_ANY: &str = "SWITCHWIRE_LISTEN_ANY";

fn listens_everywhere() -> bool {
    let value = std::env::var(LISTEN_ANY).unwrap_or_default().to_ascii_lowercase();
    !matches!(value.as_str(), "" | "0" | "no" | "false" | "off")
}

/// Where to listen.
enum Place {
    Everywhere,
    At(Ipv4Addr),
    /// The host has no IPv4 address, the only kind that a callback's argument can hold.
    Unknown,
}

impl Place {
    fn of(host: Option<&str>) -> Self {
        match host {
            None | Some("" | "*" | "0.0.0.0") => Self::Everywhere,
            Some(_) if listens_everywhere() => Self::Everywhere,
            // Callbacks take an IPv4 address, so only IPv4 is listened on.
            Some(host) => {
                let found = (host, 0).to_socket_addrs().ok().and_then(|mut addresses| {
                    addresses.find_map(|address| match address {
                        SocketAddr::V4(address) => Some(*address.ip()),
                        SocketAddr::V6(_) => None,
                    })
                });
                found.map_or(Self::Unknown, Self::At)
            }
        }
    }
}

/// Listens on the program's host; on every interface, as the original always does, when that is not an address of this
/// machine.
fn bind(host: Option<&[u8]>, port: u16, backlog: c_int) -> Option<esl_socket_t> {
    let host = host.map(String::from_utf8_lossy);
    let said = host.as_deref().unwrap_or_default();
    let warn = |text: String| trace::log(trace::WARNING, c"esl_listen", &[text.as_bytes(), b"\n"]);
    match Place::of(host.as_deref()) {
        Place::Everywhere => bind_to(Ipv4Addr::UNSPECIFIED, port, backlog),
        Place::At(ip) => match bind_to(ip, port, backlog) {
            None if errno() == libc::EADDRNOTAVAIL => {
                warn(format!(
                    "\"{said}\" ({ip}) is no address of this machine: listening on every interface"
                ));
                bind_to(Ipv4Addr::UNSPECIFIED, port, backlog)
            }
            bound => {
                if bound.is_some() {
                    warn(format!(
                        "listening on {ip} only, as the host \"{said}\" says; {LISTEN_ANY}=1 listens on every interface"
                    ));
                }
                bound
            }
        },
        Place::Unknown => {
            warn(format!("\"{said}\" has no IPv4 address: listening on every interface"));
            bind_to(Ipv4Addr::UNSPECIFIED, port, backlog)
        }
    }
}

fn bind_to(ip: Ipv4Addr, port: u16, backlog: c_int) -> Option<esl_socket_t> {
    // SAFETY: plain system calls on values of this function.
    unsafe {
        let server = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, libc::IPPROTO_TCP);
        if server < 0 {
            return None;
        }
        let on: c_int = 1;
        let mut name: sockaddr_in = std::mem::zeroed();
        name.sin_family = libc::AF_INET as libc::sa_family_t;
        name.sin_port = port.to_be();
        name.sin_addr.s_addr = u32::from_ne_bytes(ip.octets());
        let size = |size: usize| libc::socklen_t::try_from(size).unwrap_or(0);
        libc::setsockopt(
            server,
            libc::SOL_SOCKET,
            libc::SO_REUSEADDR,
            (&raw const on).cast(),
            size(size_of::<c_int>()),
        );
        let bound = libc::bind(server, (&raw const name).cast(), size(size_of::<sockaddr_in>())) == 0
            && libc::listen(server, backlog.max(1)) == 0;
        if !bound {
            let reason = errno();
            libc::close(server);
            *libc::__errno_location() = reason;
        }
        bound.then_some(server)
    }
}

/// Accepts until the listening socket is shut down.
fn accept(server: esl_socket_t, mut each: impl FnMut(esl_socket_t, *mut sockaddr_in)) -> esl_status_t {
    loop {
        // SAFETY: plain system calls on values of this function.
        unsafe {
            let mut addr: sockaddr_in = std::mem::zeroed();
            let mut size = libc::socklen_t::try_from(size_of::<sockaddr_in>()).unwrap_or(0);
            let client = libc::accept(server, (&raw mut addr).cast(), &raw mut size);
            if client >= 0 {
                let flags = libc::fcntl(client, libc::F_GETFL);
                libc::fcntl(client, libc::F_SETFL, flags | libc::O_NONBLOCK);
                each(client, &raw mut addr);
                continue;
            }
            match errno() {
                // The peer closed before the accept, or a signal arrived.
                libc::EINTR | libc::ECONNABORTED | libc::EPROTO => {}
                // Out of descriptors or memory: retry when others may have been closed.
                libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                _ => {
                    libc::close(server);
                    return ESL_FAIL;
                }
            }
        }
    }
}
