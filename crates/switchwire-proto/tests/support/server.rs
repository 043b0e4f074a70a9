//! How FreeSWITCH reads commands: a model made from protocol.md alone (section 2), to judge what our builders send.

/// One command as the server has it: the first line, the header lines, the bodies that it read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) line: Vec<u8>,
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// What a connection's bytes are to the server; `Err` when it hangs up or waits for more.
pub(crate) fn read(mut bytes: &[u8]) -> Result<Vec<Packet>, &'static str> {
    let mut packets = Vec::new();
    loop {
        while let [b'\r' | b'\n', rest @ ..] = bytes {
            bytes = rest;
        }
        if bytes.is_empty() {
            return Ok(packets);
        }
        let (packet, rest) = read_one(bytes)?;
        packets.push(packet);
        bytes = rest;
    }
}

fn read_one(bytes: &[u8]) -> Result<(Packet, &[u8]), &'static str> {
    // Byte by byte up to two line feeds with nothing but carriage returns between them, or 10 MiB.
    let mut line_feeds = 0;
    let mut end = None;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' => line_feeds += 1,
            b'\r' => {}
            _ => line_feeds = 0,
        }
        if line_feeds == 2 || at + 1 > 10 << 20 {
            end = Some(at + 1);
            break;
        }
    }
    let (text, mut rest) = bytes.split_at(end.ok_or("waits for the end of the command")?);
    // C strings: what follows a NUL is not seen.
    let mut text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut lines = Vec::new();
    while !text.is_empty() {
        // A line ends at the first CR that is left anywhere, and only without one at the first LF.
        let stop = [b'\r', b'\n'].iter().find_map(|stop| text.iter().position(|byte| byte == stop));
        let (line, after) = text.split_at(stop.unwrap_or(text.len()));
        let skipped = after.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        lines.push(line.to_vec());
        text = &after[skipped..];
    }
    let mut packet = Packet { line: lines.remove(0), headers: Vec::new(), body: Vec::new() };
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let mut value = &line[colon + 1..];
        while let [b' ', rest @ ..] = value {
            value = rest;
        }
        if line[..colon].eq_ignore_ascii_case(b"content-length") {
            let length = atoi(value);
            if !(0..=16_777_216).contains(&length) {
                return Err("hangs up: a length that makes no sense");
            }
            let length = usize::try_from(length).map_err(|_| "hangs up")?;
            if rest.len() < length {
                return Err("waits for the body");
            }
            packet.body.extend_from_slice(&rest[..length]);
            rest = &rest[length..];
        }
        packet.headers.push((line[..colon].to_vec(), value.to_vec()));
    }
    Ok((packet, rest))
}

/// C's: an `int`, so that large numbers wrap.
fn atoi(text: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let number = digits
        .bytes()
        .fold(0i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    #[allow(clippy::cast_possible_truncation, reason = "as glibc's atoi does")]
    let wrapped = (sign * number) as i32;
    wrapped
}
