//! Calls that the server connects to us: accepting, handlers and their failures, stopping.

mod support;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use support::{Line, PATIENCE, on_each_runtime, simulated, until};
use switchwire_tokio::{Connection, Error, ErrorKind, Listener, Result, Server};
use tokio::sync::{mpsc, watch};

/// The server's side of a call, after the handshake.
fn dial(server: std::net::SocketAddr) -> Line {
    let mut line = Line::new(TcpStream::connect(server).unwrap());
    assert_eq!(line.command().unwrap(), "connect");
    line.write(
        "Event-Name: CHANNEL_DATA\nUnique-ID: call-1\nContent-Type: command/reply\nReply-Text: %2BOK%0A\n\
         Socket-Mode: async\nControl: full\n\n",
    );
    line
}

/// Hangs up when asked to, until the end of the connection; says whether it was.
fn killed(mut line: Line) -> bool {
    let command = line.command();
    if command.is_some() {
        assert_eq!(command.as_deref(), Some("api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE"));
        line.api("+OK\n");
        assert_eq!(line.command(), None);
    }
    command.is_some()
}

/// Whether its one call is with the handler.
fn is_handled(server: &Server) -> bool {
    server.stats().active == 1 && server.stats().shaking_hands == 0
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn serve<F>(handler: fn(Connection) -> F) -> (Server, mpsc::UnboundedReceiver<Error>)
where
    F: Future<Output: switchwire_tokio::Handled> + Send + 'static,
{
    let (tell, told) = mpsc::unbounded_channel();
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    (listener.on_error(move |error| tell.send(error.clone()).unwrap()).serve(handler), told)
}

#[test]
fn a_call_of_the_simulator_is_served_to_its_end() {
    on_each_runtime(|| async {
        let (simulator, connection) = simulated().await;
        let (tell, mut told) = mpsc::unbounded_channel();
        let server = Listener::bind("127.0.0.1:0").await.unwrap().serve(move |connection| {
            let tell = tell.clone();
            async move {
                connection.myevents(None).await?;
                connection.linger(Some(5)).await?;
                let call = connection.own_call()?;
                call.answer().await?;
                tell.send(call.playback("welcome.wav").await?.end.name()).unwrap();
                let end = call.playback("silence_stream://-1").await.unwrap_err();
                tell.send(end.kind().name()).unwrap();
                Err::<(), Error>(end)
            }
        });
        simulator
            .extension("out", &[("answer", ""), ("socket", &format!("{} async full", server.local_addr()))]);
        let reply = connection.api("originate", "loopback/out/default &park()").await.unwrap();
        let uuid = reply.text().trim().strip_prefix("+OK ").unwrap().to_owned();
        assert_eq!(told.recv().await, Some("completed"));
        connection.api("uuid_kill", &uuid).await.unwrap();
        assert_eq!(told.recv().await, Some(ErrorKind::Hangup.name()));
        until(|| server.stats().active == 0).await;
        let stats = server.stats();
        assert_eq!((stats.accepted, stats.errors, stats.failed), (1, 0, 0), "a hang-up is no failure");
        assert!(server.stop(PATIENCE).await);
    });
}

#[test]
fn a_handler_that_fails_or_panics_hangs_its_call_up() {
    async fn fails(_: Connection) -> Result<(), &'static str> {
        Err("no money")
    }
    async fn panics(call: Connection) {
        assert!(call.info().is_none(), "this panic is part of the test");
    }
    async fn succeeds(_: Connection) {}
    on_each_runtime(|| async {
        let (server, mut told) = serve(fails).await;
        let address = server.local_addr();
        assert!(blocking(move || killed(dial(address))).await);
        assert!(told.recv().await.unwrap().to_string().contains("no money"));
        assert_eq!(server.stats().errors, 1);

        let (server, _) = serve(panics).await;
        let address = server.local_addr();
        assert!(blocking(move || killed(dial(address))).await);
        until(|| server.stats().active == 0).await;
        assert_eq!((server.stats().panicked, server.stats().errors), (1, 0));

        let (server, _) = serve(succeeds).await;
        let address = server.local_addr();
        assert!(!blocking(move || killed(dial(address))).await, "this one has done its work");
    });
}

#[test]
fn stopping_waits_for_calls_and_hangs_the_rest_up() {
    on_each_runtime(|| async {
        let (open, opened) = watch::channel(false);
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.serve(move |_call| {
            let mut opened = opened.clone();
            async move { drop(opened.wait_for(|open| *open).await) }
        });
        let address = server.local_addr();
        let line = blocking(move || dial(address)).await;
        until(|| is_handled(&server)).await;
        let patient = tokio::spawn(server.stop(PATIENCE));
        until(|| TcpStream::connect(address).is_err()).await;
        open.send_replace(true);
        assert!(patient.await.unwrap(), "the call has ended by itself");
        assert!(!blocking(move || killed(line)).await);

        let (server, _) = serve(|call| async move { call.recv_event().await.map(drop) }).await;
        let address = server.local_addr();
        let line = blocking(move || dial(address)).await;
        until(|| is_handled(&server)).await;
        let stopping = tokio::spawn(server.stop(Duration::from_millis(10)));
        assert!(blocking(move || killed(line)).await);
        assert!(!stopping.await.unwrap());

        let (server, _) = serve(|call| async move { call.recv_event().await.map(drop) }).await;
        let address = server.local_addr();
        let line = blocking(move || dial(address)).await;
        until(|| is_handled(&server)).await;
        drop(server);
        assert!(blocking(move || killed(line)).await, "dropping stops at once");
    });
}

#[test]
fn no_more_calls_than_places_are_handled_at_once() {
    on_each_runtime(|| async {
        let handled = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = handled.clone();
        let listener = Listener::bind("127.0.0.1:0").await.unwrap().max_sessions(2);
        let server = listener.serve(move |call| {
            let handled = counted.clone();
            async move {
                let now = handled.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                assert!(now < 2, "{now} others");
                drop(call.recv_event().await);
                handled.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            }
        });
        let address = server.local_addr();
        let first = blocking(move || (dial(address), dial(address))).await;
        until(|| handled.load(std::sync::atomic::Ordering::SeqCst) == 2).await;
        let third = tokio::task::spawn_blocking(move || dial(address));
        drop(first);
        let third = third.await.unwrap();
        until(|| handled.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
        drop(third);
        until(|| server.stats().active == 0).await;
        assert_eq!((server.stats().accepted, server.stats().panicked), (3, 0));
    });
}

#[test]
fn a_silent_peer_holds_up_no_other_and_a_probe_is_no_failure() {
    on_each_runtime(|| async {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap().handshake_timeout(PATIENCE);
        let address = listener.local_addr();
        let silent = TcpStream::connect(address).unwrap();
        let dialled = tokio::task::spawn_blocking(move || dial(address));
        let call = listener.accept().await.unwrap();
        assert_eq!(call.channel_uuid().as_deref(), Some("call-1"));
        drop(silent);
        assert_eq!(listener.accept().await.unwrap_err().kind(), ErrorKind::Disconnected);
        drop(dialled.await.unwrap());

        let (server, mut told) = serve(|_call| async {}).await;
        drop(TcpStream::connect(server.local_addr()).unwrap());
        until(|| server.stats().probes == 1).await;
        let mut other = TcpStream::connect(server.local_addr()).unwrap();
        std::io::Write::write_all(&mut other, b"GET / HTTP/1.1\r\n\r\n").unwrap();
        drop(other);
        told.recv().await.unwrap();
        assert_eq!((server.stats().probes, server.stats().failed), (1, 1));
    });
}
