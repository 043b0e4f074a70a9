//! Writes the JSON form, piece by piece. Bytes that are not UTF-8 are written as they are.

/// How the text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On one line, as the server sends it.
    Compact,
    /// One member per line, indented by a tab, as libesl prints it.
    Tabs,
}

/// Writes the JSON form header by header.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    layout: Layout,
    empty: bool,
}

impl Writer {
    /// Begins the object.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self::with_room(layout, 1024)
    }

    /// Begins the object, with room for so many bytes.
    #[must_use]
    pub(crate) fn with_room(layout: Layout, bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes);
        out.push(b'{');
        Self { out, layout, empty: true }
    }

    /// A plain header.
    pub fn text(&mut self, name: &[u8], value: &[u8]) {
        self.name(name);
        write_string(value, &mut self.out);
    }

    /// An array header.
    pub fn list<'a>(&mut self, name: &[u8], elements: impl IntoIterator<Item = &'a [u8]>) {
        self.name(name);
        self.out.push(b'[');
        for (at, element) in elements.into_iter().enumerate() {
            if at > 0 {
                self.out.extend_from_slice(if self.layout == Layout::Tabs { b", " } else { b"," });
            }
            write_string(element, &mut self.out);
        }
        self.out.push(b']');
    }

    /// The body with its length, and the end of the object.
    #[must_use]
    pub fn finish(mut self, body: Option<&[u8]>) -> Vec<u8> {
        if let Some(body) = body {
            self.text(b"Content-Length", body.len().to_string().as_bytes());
            self.text(b"_body", body);
        }
        if self.layout == Layout::Tabs {
            self.out.push(b'\n');
        }
        self.out.push(b'}');
        self.out
    }

    fn name(&mut self, name: &[u8]) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        if self.layout == Layout::Tabs {
            self.out.extend_from_slice(b"\n\t");
        }
        write_string(name, &mut self.out);
        self.out.push(b':');
        if self.layout == Layout::Tabs {
            self.out.push(b'\t');
        }
    }
}

/// Writes one string with its quotes and escapes; bytes that are not UTF-8 as they are.
pub fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut rest = bytes;
    loop {
        let (plain, special) = rest.split_at(plain_bytes(rest));
        out.extend_from_slice(plain);
        let [byte, after @ ..] = special else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = after;
    }
    out.push(b'"');
}

/// How many bytes, from the first on, are written as they are.
fn plain_bytes(bytes: &[u8]) -> usize {
    let special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // (Without an early end within sixteen bytes: the compiler makes one comparison of them.)
    let chunks = bytes.chunks_exact(16);
    let whole =
        chunks.take_while(|chunk| !chunk.iter().fold(false, |any, byte| any | special(*byte))).count();
    let from = whole * 16;
    bytes[from..].iter().position(|byte| special(*byte)).map_or(bytes.len(), |at| from + at)
}
