//! Dial strings: where a call goes, and the variables it takes along.

/// A dial string's parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dial {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) endpoint: Endpoint,
    /// The destination as it was written, without variables.
    pub(crate) text: String,
}

/// The endpoints that the simulator has, or knows the failure of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Loopback {
        extension: String,
        context: String,
    },
    Null {
        name: String,
    },
    /// Makes no channel and fails with this cause.
    Fails(String),
}

impl Dial {
    pub(crate) fn parse(text: &str) -> Self {
        let mut variables = Vec::new();
        let mut rest = text.trim();
        while let Some((open, close)) =
            [('{', '}'), ('[', ']'), ('<', '>')].into_iter().find(|(o, _)| rest.starts_with(*o))
        {
            let Some(end) = rest.find(close) else { break };
            variables.extend(pairs(&rest[open.len_utf8()..end]));
            rest = rest[end + 1..].trim_start();
        }
        // Of several destinations the first is called.
        let first = rest.split(['|', ',']).next().unwrap_or_default();
        let (kind, place) = first.split_once('/').unwrap_or((first, ""));
        let endpoint = match kind.to_ascii_lowercase().as_str() {
            "loopback" => {
                let mut parts = place.split('/');
                let extension = parts.next().unwrap_or_default().to_owned();
                let context = parts.next().filter(|c| !c.is_empty()).unwrap_or("default").to_owned();
                Endpoint::Loopback { extension, context }
            }
            "null" => Endpoint::Null { name: place.to_owned() },
            "error" => Endpoint::Fails(super::cause::named(place).to_owned()),
            "user" => Endpoint::Fails("SUBSCRIBER_ABSENT".into()),
            _ => Endpoint::Fails("CHAN_NOT_IMPLEMENTED".into()),
        };
        Self { variables, endpoint, text: first.trim().to_owned() }
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// `a=1,b='two, three',c=4\,5`, or with another separator after `^^`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let (separator, list) = match text.strip_prefix("^^").and_then(|rest| rest.chars().next()) {
        Some(separator) => (separator, &text[2 + separator.len_utf8()..]),
        None => (',', text),
    };
    let mut items = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in list.chars() {
        let Some(item) = items.last_mut() else { break };
        match c {
            _ if escaped => {
                item.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '\'' => quoted = !quoted,
            _ if c == separator && !quoted => items.push(String::new()),
            _ => item.push(c),
        }
    }
    let split = |item: String| item.split_once('=').map(|(n, v)| (n.trim().to_owned(), v.to_owned()));
    items.into_iter().filter_map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_endpoints_are_read() {
        let dial = Dial::parse("{a=1,b='x, y',c=4\\,5}[d=6]loopback/9000/public");
        assert_eq!(dial.variable("b"), Some("x, y"));
        assert_eq!((dial.variable("c"), dial.variable("d")), (Some("4,5"), Some("6")));
        let endpoint = Endpoint::Loopback { extension: "9000".into(), context: "public".into() };
        assert_eq!(dial.endpoint, endpoint);
        assert_eq!(Dial::parse("{^^:a=1,2:b=3}null/x").variable("a"), Some("1,2"));
        assert_eq!(Dial::parse("error/user_busy").endpoint, Endpoint::Fails("USER_BUSY".into()));
        assert_eq!(Dial::parse("nosuch/1").endpoint, Endpoint::Fails("CHAN_NOT_IMPLEMENTED".into()));
    }
}
