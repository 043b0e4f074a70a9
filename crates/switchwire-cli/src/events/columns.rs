//! Chosen headers of each event, separated by tabs.

use switchwire::Event;

use crate::printable;

/// A line: the value of each header, empty where the event has none. `Body` is the event's body.
pub(crate) fn line(event: &Event, columns: &[String]) -> String {
    let value = |name: &String| {
        let value = match event.header(name) {
            None if name.eq_ignore_ascii_case("body") => event.body_text(),
            value => value,
        };
        printable::escape(&value.unwrap_or_default(), printable::is_harmful)
    };
    columns.iter().map(value).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchwire::EventType;

    #[test]
    fn missing_values_are_empty_and_no_value_breaks_the_columns() {
        let mut event = Event::new(EventType::ChannelAnswer);
        event.add_header("Caller-Caller-ID-Name", "a\tb\u{1b}[2J").set_body("x\ny");
        let columns = ["Event-Name", "Nothing", "Caller-Caller-ID-Name", "Body"].map(str::to_owned);
        assert_eq!(line(&event, &columns), "CHANNEL_ANSWER\t\ta\\tb\\u{1b}[2J\tx\\ny");
    }
}
