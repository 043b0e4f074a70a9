//! The way to the server: its name, its port, its access list, the login.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Instant;

use switchwire::{Error, ErrorKind};

use super::finding::Finding;
use crate::failure::{Result, one_line};
use crate::server::Destination;

/// The name, and the port.
pub(crate) fn network(server: &Destination, say: &mut impl FnMut(Finding) -> Result) -> Result {
    let place = (switchwire::bare_host(&server.host).to_owned(), server.port);
    let addresses: Vec<_> = match place.to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            let advice = "check the spelling, /etc/hosts and the name server (getent hosts NAME)";
            return say(Finding::bad("name", format!("{}: {error}", server.host), advice));
        }
    };
    let list: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    say(Finding::good("name", format!("{} is {}", server.host, list.join(", "))))?;
    let patience = server.connect_patience();
    let mut last = None;
    for address in &addresses {
        let begin = Instant::now();
        match TcpStream::connect_timeout(address, patience) {
            Ok(_) => {
                let time = begin.elapsed().as_secs_f64() * 1000.0;
                return say(Finding::good("port", format!("{address} is open, connected in {time:.1} ms")));
            }
            Err(error) => last = Some(error),
        }
    }
    let detail = last.map_or_else(|| "no address".to_owned(), |error| error.to_string());
    let advice = format!(
        "is FreeSWITCH running and mod_event_socket loaded, does it listen on that address (listen-ip in event_socket.conf.xml: 127.0.0.1 is its own machine alone, :: is all), and do firewalls let port {} through?",
        server.port
    );
    say(Finding::bad("port", format!("{}: {detail}", server.place()), advice))
}

/// Why there is no login.
pub(crate) fn refused(error: &Error, server: &Destination) -> Finding {
    let detail = one_line(&error.to_string());
    match error.kind() {
        ErrorKind::RejectedByAcl => Finding::bad(
            "access list",
            detail,
            "add this machine to the list that apply-inbound-acl in event_socket.conf.xml names (acl.conf.xml), then: reloadacl, reload mod_event_socket",
        ),
        ErrorKind::Authentication if server.user.is_some() => Finding::bad(
            "login",
            detail,
            "the directory user needs the param esl-password (password alone is not enough); check user@domain and reloadxml",
        ),
        ErrorKind::Authentication => Finding::bad(
            "login",
            detail,
            "the password is the param of event_socket.conf.xml on the server; give it by --password-file, a profile or SWITCHWIRE_PASSWORD",
        ),
        ErrorKind::NotFreeSwitch => Finding::bad(
            "login",
            detail,
            "something else listens there: is it the event socket's port (8021)?",
        ),
        ErrorKind::Timeout => Finding::bad(
            "login",
            detail,
            "the port is open but says nothing: the server may be overloaded or stopped, or something between drops packets",
        ),
        _ => Finding::bad("login", detail, "see above"),
    }
}

/// There is a login.
pub(crate) fn logged_in(server: &Destination) -> Finding {
    let with = server.user.as_ref().map_or_else(|| "the event socket's password".to_owned(), Clone::clone);
    let password = server.password.as_ref().map_or("ClueCon", |password| password.reveal());
    match password == "ClueCon" && server.user.is_none() {
        true => Finding::poor(
            "login",
            "with the default password",
            "any program that reaches the port controls the server: set another password in event_socket.conf.xml",
        ),
        false => Finding::good("login", format!("with {with}")),
    }
}
