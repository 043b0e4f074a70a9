//! The calls for event loops, ended by callbacks.

mod support;

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use support::{PATIENCE, Peer};
use switchwire::{Connection, ErrorKind, Options};

/// Pumps until something was told.
fn pumped<T>(connection: &Connection, told: &mpsc::Receiver<T>) -> T {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let _ = connection.event_loop().pump();
        if let Ok(told) = told.try_recv() {
            return told;
        }
        assert!(std::time::Instant::now() < until, "nothing was told");
        std::thread::yield_now();
    }
}

#[test]
fn a_job_reports_its_reply_and_its_end() {
    let peer = Peer::logged_in(|line| {
        line.command().unwrap();
        line.reply("+OK Job-UUID: own");
        line.event("Event-Name: BACKGROUND_JOB\nJob-UUID: own\nContent-Length: 4\n\ndone");
        line.command().unwrap();
        line.reply("-ERR no");
        line.command().unwrap();
    });
    let connection = peer.connect();
    let (tell_reply, replied) = mpsc::channel();
    let (tell_end, ended) = mpsc::channel();
    let start = |id| {
        let (tell_reply, tell_end) = (tell_reply.clone(), tell_end.clone());
        connection.event_loop().bgapi_with(
            "status",
            "",
            Some(id),
            move |reply| tell_reply.send(reply).unwrap(),
            move |event| tell_end.send(event).unwrap(),
        )
    };
    assert_eq!(start("own").unwrap(), "own");
    assert_eq!(start("own").unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert!(pumped(&connection, &replied).unwrap().is_ok());
    assert_eq!(pumped(&connection, &ended).unwrap().body_text().unwrap().trim_end(), "done");
    assert_eq!(connection.stats().queued, 0);
    start("refused").unwrap();
    assert_eq!(pumped(&connection, &replied).unwrap_err().kind(), ErrorKind::Refused);
    start("cut off").unwrap();
    connection.disconnect();
    assert_eq!(replied.recv().unwrap().unwrap_err().kind(), ErrorKind::Disconnected);
    assert_eq!(ended.recv().unwrap().unwrap_err().kind(), ErrorKind::Disconnected);
    peer.finish();
}

#[test]
fn a_call_shakes_hands_by_callback() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let connection = Connection::accepted(listener.accept().unwrap().0, &Options::outbound()).unwrap();
    let (tell, told) = mpsc::channel();
    connection.event_loop().handshake_with(move |done| tell.send(done).unwrap()).unwrap();
    assert!(connection.info().is_none());
    let answer = b"Content-Type: command/reply\nReply-Text: +OK\nUnique-ID: u\n\n";
    std::io::Write::write_all(&mut &server, answer).unwrap();
    pumped(&connection, &told).unwrap();
    assert_eq!(connection.channel_uuid().unwrap(), "u");
}
