//! Writes the server's frames, byte for byte: which headers, in which order.

use crate::event::Format;

/// `command/reply`. The real server's buffer cuts the text at 511 bytes; a text beginning with `~` is used as raw
/// headers, without the blank line that should close them.
pub(crate) fn reply(text: &[u8]) -> Vec<u8> {
    let text = &text[..text.len().min(MAX_REPLY)];
    match text {
        [b'~', raw @ ..] => [b"Content-Type: command/reply\n".as_slice(), raw].concat(),
        _ => [b"Content-Type: command/reply\nReply-Text: ".as_slice(), text, b"\n\n"].concat(),
    }
}

pub(crate) fn auth_request() -> Vec<u8> {
    b"Content-Type: auth/request\n\n".to_vec()
}

pub(crate) fn api_response(body: &[u8]) -> Vec<u8> {
    let head = format!("Content-Type: api/response\nContent-Length: {}\n\n", body.len());
    [head.as_bytes(), body].concat()
}

/// An event: here, and only here, `Content-Length` comes first.
pub(crate) fn event(format: Format, body: &[u8]) -> Vec<u8> {
    let head = format!("Content-Length: {}\nContent-Type: text/event-{}\n\n", body.len(), format.name());
    [head.as_bytes(), body].concat()
}

pub(crate) fn rude_rejection() -> Vec<u8> {
    let body = "Access Denied, go away.\n";
    format!("Content-Type: text/rude-rejection\nContent-Length: {}\n\n{body}", body.len()).into_bytes()
}

/// The notice that ends a connection; `session` is the uuid of the channel it controls.
pub(crate) fn disconnect(session: Option<&str>, text: &str) -> Vec<u8> {
    let session = session.map_or_else(String::new, |uuid| {
        format!("Controlled-Session-UUID: {uuid}\nContent-Disposition: disconnect\n")
    });
    let length = text.len();
    format!("Content-Type: text/disconnect-notice\n{session}Content-Length: {length}\n\n{text}").into_bytes()
}

/// The notice that the channel is gone while the connection lingers.
pub(crate) fn lingering(session: &str, channel_name: &str, seconds: i64) -> Vec<u8> {
    format!(
        "Content-Type: text/disconnect-notice\nControlled-Session-UUID: {session}\n\
         Content-Disposition: linger\nChannel-Name: {channel_name}\nLinger-Time: {seconds}\n\
         Content-Length: 0\n\n"
    )
    .into_bytes()
}

/// What a log line carries beside its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogLine {
    pub(crate) level: u8,
    pub(crate) channel: u8,
    pub(crate) file: &'static str,
    pub(crate) function: &'static str,
    pub(crate) line: u32,
    pub(crate) user_data: String,
    pub(crate) text: String,
}

pub(crate) fn log(line: &LogLine) -> Vec<u8> {
    let LogLine { level, channel, file, function, line, user_data, text } = line;
    format!(
        "Content-Type: log/data\nContent-Length: {}\nLog-Level: {level}\nText-Channel: {channel}\n\
         Log-File: {file}\nLog-Func: {function}\nLog-Line: {line}\nUser-Data: {user_data}\n\n{text}",
        text.len()
    )
    .into_bytes()
}

/// The ordinary end of a connection.
pub(crate) const GOODBYE: &str = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n";
/// The end that a shutdown or a reload of the module brings.
pub(crate) const SHUTTING_DOWN: &str = "The system is being shut down.\n";
/// The end of a connection that did not read its events.
pub(crate) const LOST_EVENTS: &str = "killed listener because of lost events\n";
const MAX_REPLY: usize = 511;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_frames_have_the_recorded_sizes() {
        assert_eq!(auth_request().len(), 28);
        assert_eq!(disconnect(None, GOODBYE).len(), 124);
        assert_eq!(GOODBYE.len(), 67);
        assert_eq!(rude_rejection().len() + 124, 202);
        assert_eq!(disconnect(Some("c1af7f1b-ba95-4187-acef-5803a25b6c6a"), GOODBYE).len(), 218);
    }

    #[test]
    fn a_long_reply_is_cut_and_a_tilde_opens_the_headers() {
        assert_eq!(reply(&[b'x'; 2000]).len(), "Content-Type: command/reply\nReply-Text: \n\n".len() + 511);
        assert_eq!(reply(b"~Reply-Text: x"), b"Content-Type: command/reply\nReply-Text: x");
    }
}
