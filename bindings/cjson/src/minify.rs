//! Shortening JSON text.

/// The text without the blanks, line comments and block comments that are outside strings.
pub(crate) fn minify(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let end = match (byte, text.get(at + 1)) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => at + 1,
            (b'/', Some(b'/')) => end_of(text, at + 2, b"\n"),
            (b'/', Some(b'*')) => end_of(text, at + 2, b"*/"),
            (b'"', _) => {
                let end = end_of_string(text, at + 1);
                out.extend_from_slice(&text[at..end]);
                end
            }
            _ => {
                out.push(byte);
                at + 1
            }
        };
        at = end;
    }
    out
}

fn end_of(text: &[u8], from: usize, mark: &[u8]) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.windows(mark.len()).position(|piece| piece == mark).map_or(text.len(), |at| from + at + mark.len())
}

fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}
