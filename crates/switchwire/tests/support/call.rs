//! A call whose server is a script.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

use std::net::TcpStream;
use std::sync::mpsc;
use std::thread::JoinHandle;

use switchwire::{Call, Connection, Listener};

use super::support::Line;

/// An outbound call on such a socket; `script` is the server's side after the handshake.
pub fn outbound(
    mode: &str,
    control: &str,
    script: impl FnOnce(&mut Line) + Send + 'static,
) -> (Connection, JoinHandle<()>) {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let head = format!(
        "Event-Name: CHANNEL_DATA\nUnique-ID: own\nChannel-State: CS_EXECUTE\nChannel-Call-State: RINGING\n\
         Answer-State: ringing\nContent-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: {mode}\n\
         Control: {control}\n\n"
    );
    let server = std::thread::spawn(move || {
        let mut line = Line::new(TcpStream::connect(address).unwrap());
        assert_eq!(line.command().unwrap(), "connect");
        line.write(head);
        script(&mut line);
    });
    (listener.accept().unwrap(), server)
}

/// An async call with events, whose server replies to each command as `on_command` says.
pub fn with_events(mut on_command: impl FnMut(&mut Line, &str) + Send + 'static) -> (Call, JoinHandle<()>) {
    let (connection, server) = outbound("async", "full", move |line| {
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        while let Some(command) = line.command() {
            on_command(line, &command);
        }
    });
    connection.myevents(None).unwrap();
    (connection.own_call().unwrap(), server)
}

pub fn field<'a>(command: &'a str, name: &str) -> &'a str {
    command.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// Ends the application that the command runs, with these header lines in its event.
pub fn end(line: &mut Line, command: &str, more: &str) {
    line.reply("+OK");
    let id = field(command, "event-uuid");
    let state = if more.contains("Answer-State") { "" } else { "Answer-State: answered\n" };
    line.event(&format!(
        "Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: own\nApplication-UUID: {id}\n{state}{more}"
    ));
}

pub fn shown(command: &str) -> String {
    match field(command, "call-command") {
        "execute" => format!("{} {}", field(command, "execute-app-name"), field(command, "execute-app-arg"))
            .trim()
            .to_owned(),
        _ => command.to_owned(),
    }
}

/// Runs `work` on a call all of whose commands succeed, with these variables at the end of each application; what was
/// sent.
pub fn sent(more: &'static str, work: impl FnOnce(&Call)) -> Vec<String> {
    let (tell, told) = mpsc::channel();
    let (call, server) = with_events(move |line, command| {
        tell.send(shown(command)).unwrap();
        match command.starts_with("api ") {
            true => line.api("+OK Success\n"),
            false => end(line, command, more),
        }
    });
    work(&call);
    drop(call);
    server.join().unwrap();
    told.iter().collect()
}
