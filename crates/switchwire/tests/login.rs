//! How a connection begins, and each way in which it may fail to.

mod support;

use std::time::Duration;

use support::{Peer, reply};
use switchwire::{Builder, ErrorKind, Phase};

fn failure(script: impl FnOnce(&mut support::Line) + Send + 'static) -> switchwire::Error {
    let peer = Peer::new(script);
    let error = peer.builder().password("s3cret").connect().unwrap_err();
    peer.finish();
    for text in [format!("{error}"), format!("{error:?}")] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    error
}

#[test]
fn a_password_logs_in() {
    let peer = Peer::new(|line| {
        line.write("Content-Type: auth/request\n\n");
        assert_eq!(line.command().unwrap(), "auth s3cret");
        line.reply("+OK accepted");
        assert!(line.command().is_none());
    });
    let connection = peer.builder().password("s3cret").connect().unwrap();
    assert!(connection.connected());
    assert!(connection.info().is_none());
    assert_eq!(connection.permissions().events, None);
    assert!(connection.socket_descriptor() >= 0);
    drop(connection);
    peer.finish();
}

#[test]
fn a_user_logs_in_and_learns_what_is_allowed() {
    let peer = Peer::new(|line| {
        line.write("Content-Type: auth/request\n\n");
        assert_eq!(line.command().unwrap(), "userauth 1000@example.test:12:34");
        line.write("Content-Type: command/reply\nReply-Text: +OK accepted\nAllowed-Events: HEARTBEAT\n");
        line.write("Allowed-API: status\nAllowed-LOG: true\n\n");
    });
    let connection = peer.builder().user("1000@example.test").password("12:34").connect().unwrap();
    assert_eq!(connection.permissions().events.as_deref(), Some("HEARTBEAT"));
    assert_eq!(connection.permissions().api.as_deref(), Some("status"));
    assert_eq!(connection.permissions().log, Some(true));
    peer.finish();
}

#[test]
fn a_wrong_password_is_an_authentication_error() {
    let error = failure(|line| {
        line.write("Content-Type: auth/request\n\n");
        line.command().unwrap();
        line.reply("-ERR invalid");
    });
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.to_string().contains("-ERR invalid"), "{error}");
}

#[test]
fn an_access_list_refusal_has_its_own_kind() {
    let error = failure(|line| {
        line.write("Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n");
        line.write("Content-Type: text/disconnect-notice\nContent-Length: 4\n\nbye\n");
    });
    assert_eq!(error.kind(), ErrorKind::RejectedByAcl);
    assert!(error.to_string().contains("Access Denied"), "{error}");
}

#[test]
fn other_servers_are_told_apart_at_once() {
    for greeting in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "220 mail ESMTP\r\n",
    ] {
        let error = failure(move |line| line.write(greeting));
        assert_eq!(error.kind(), ErrorKind::NotFreeSwitch, "{greeting}: {error}");
    }
}

#[test]
fn a_silent_server_times_out_in_the_login_phase() {
    let peer = Peer::new(|line| assert!(line.command().is_none()));
    let error = peer.builder().login_timeout(Duration::from_millis(50)).connect().unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Login)));
    peer.finish();
    let peer = Peer::new(|line| {
        line.write("Content-Type: auth/request\n\n");
        line.command().unwrap();
        assert!(line.command().is_none());
    });
    let error = peer.builder().login_timeout(Duration::from_millis(50)).connect().unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Login)));
    peer.finish();
}

#[test]
fn a_server_that_hangs_up_during_login_is_disconnected() {
    let error = failure(|line| {
        line.write("Content-Type: auth/request\n\n");
        line.command().unwrap();
    });
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    let error = failure(|line| {
        line.write("Content-Type: text/disconnect-notice\nContent-Length: 67\n\n");
        line.write("Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n");
    });
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(error.notice().is_some_and(|notice| notice.text.starts_with("Disconnected, goodbye.")));
}

#[test]
fn names_addresses_and_ports_that_lead_nowhere() {
    let error = Builder::new("no-such-host.invalid", 8021).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolve, "{error}");
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = Builder::new("127.0.0.1", unused).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
}

#[test]
fn every_address_of_a_host_is_tried() {
    // "localhost" is ::1 and 127.0.0.1 on most machines; the peer listens on the second only.
    let peer = Peer::logged_in(|_| {});
    let connection = Builder::new("localhost", peer.address.port()).connect().unwrap();
    drop(connection);
    peer.finish();
}

#[test]
fn an_ipv6_address_may_stand_in_brackets() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else {
        return support::skip("no IPv6 on this machine");
    };
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || support::Line::new(listener.accept().unwrap().0).log_in());
    Builder::new("[::1]", port).connect().unwrap();
    server.join().unwrap();
}

#[test]
fn a_line_break_in_user_or_password_sends_nothing() {
    for (user, password) in [("", "pw\n\nexit"), ("a\nb", "pw!"), ("a", "pw\r\n"), ("", "pw\0b")] {
        // Refused before there is a connection: no listener is there.
        let error = Builder::new("127.0.0.1", 1).user(user).password(password).connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(!error.to_string().contains(password));
    }
}

#[test]
fn a_login_cut_into_single_bytes_works() {
    let peer = Peer::new(|line| {
        for byte in "Content-Type: auth/request\n\n".bytes() {
            line.write([byte]);
        }
        line.command().unwrap();
        for byte in reply("+OK accepted").bytes() {
            line.write([byte]);
        }
    });
    peer.connect();
    peer.finish();
}

#[test]
fn one_time_may_bound_all_of_it() {
    let peer = Peer::new(|line| assert_eq!(line.command(), None));
    let builder = peer.builder().login_timeout(support::PATIENCE).timeout(Some(Duration::from_millis(50)));
    let error = builder.connect().unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Login)));
    peer.finish();
    let peer = Peer::new(|line| {
        line.log_in();
        assert_eq!(line.command(), None);
    });
    let connection = peer.builder().timeout(Some(support::PATIENCE)).connect().unwrap();
    assert!(connection.peer_addr().is_some_and(|address| address.ip().is_loopback()));
    connection.disconnect();
    assert_eq!(connection.peer_addr(), None);
    peer.finish();
}

#[test]
fn what_no_server_says_during_login_fails_at_once() {
    for said in [
        "Content-Type: auth/request\n\nContent-Type: auth/request\n\n",
        "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n",
        "Content-Type: command/reply\nReply-Text: +OK accepted\n\n",
    ] {
        let peer = Peer::new(move |line| {
            line.write(said);
            while line.command().is_some() {}
        });
        let error = peer.builder().connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFreeSwitch, "{said:?}: {error}");
        peer.finish();
    }
}

#[test]
fn a_notice_without_words_leaves_no_colon() {
    let peer = Peer::logged_in(|line| {
        line.write("Content-Type: text/disconnect-notice\nContent-Length: 0\n\n");
        line.command();
    });
    let error = peer.connect().recv_event().unwrap_err();
    assert_eq!(error.to_string(), "the server closed the connection");
    peer.finish();
}
