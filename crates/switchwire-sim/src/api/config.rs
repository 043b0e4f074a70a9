//! The configuration that `xml_locate` shows and the directory commands read: that of the recorded server.

use std::sync::LazyLock;

/// One element of the configuration.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) attributes: Vec<(&'static str, &'static str)>,
    depth: usize,
    from: usize,
    to: usize,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn holds(&self, other: &Self) -> bool {
        self.from < other.from && other.to <= self.to
    }
}

/// The elements in the order of the document.
static ELEMENTS: LazyLock<Vec<Element>> = LazyLock::new(|| {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, _) in DOCUMENT.match_indices('<') {
        let Some(end) = DOCUMENT[at..].find('>') else { break };
        let tag = &DOCUMENT[at + 1..at + end];
        if tag.starts_with('/') {
            if let Some(element) = open.pop().and_then(|at| elements.get_mut(at)) {
                element.to = at + end + 1;
            }
            continue;
        }
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut values = rest.split('"');
        let mut attributes = Vec::new();
        while let (Some(name), Some(value)) = (values.next(), values.next()) {
            attributes.push((name.trim().trim_end_matches('='), value));
        }
        open.push(elements.len());
        elements.push(Element { name, attributes, depth: open.len() - 1, from: at, to: at });
    }
    elements
});

/// The elements inside of one; of the whole document if there is none.
pub(super) fn inside(of: Option<&'static Element>) -> impl Iterator<Item = &'static Element> {
    ELEMENTS.iter().filter(move |element| of.is_none_or(|of| of.holds(element)))
}

pub(super) fn section(name: &str) -> Option<&'static Element> {
    inside(None).find(|element| element.name == "section" && element.attribute("name") == Some(name))
}

/// The whole configuration.
pub(super) fn document() -> &'static str {
    DOCUMENT
}

/// An element as the server prints it: indented from its own depth on.
pub(super) fn printed(element: &Element) -> String {
    let text = &DOCUMENT[element.from..element.to];
    let less = element.depth * 2;
    let mut lines = text.split('\n').map(|line| {
        let bare = line.trim_start();
        // Closing tags keep the indentation of their file.
        if bare.starts_with("</") || !bare.starts_with('<') {
            line
        } else {
            line.get(less.min(line.len() - bare.len())..).unwrap_or(line)
        }
    });
    let mut out = lines.next().unwrap_or_default().trim_start().to_owned();
    for line in lines {
        out.push('\n');
        out.push_str(line);
    }
    // The element's own closing tag stands at the margin.
    if let Some(at) = out.rfind('\n') {
        let last = out.split_off(at + 1);
        out.push_str(last.trim_start());
    }
    out.push('\n');
    out
}

const DOCUMENT: &str = include_str!("data/freeswitch.xml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_has_its_users() {
        let directory = section("directory").unwrap();
        let users: Vec<_> =
            inside(Some(directory)).filter(|e| e.name == "user").filter_map(|e| e.attribute("id")).collect();
        assert_eq!(users.first(), Some(&"1000"));
        assert_eq!(users.len(), 10);
    }
}
