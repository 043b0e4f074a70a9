//! Events of hundreds of headers, which keep an index of their names: they are what a plain list of headers would be.
#![allow(clippy::unwrap_used, reason = "a failure in a test is its message")]

use switchwire_proto::{Event, EventType};

/// The same changes to a list that knows no index.
#[derive(Default)]
struct Model(Vec<(String, String)>);

impl Model {
    fn delete(&mut self, name: &str, value: Option<&str>) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, is)| {
            !other.eq_ignore_ascii_case(name) || value.is_some_and(|value| value != is.as_str())
        });
        self.0.len() < before
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Always the same numbers, below that one.
fn numbers() -> impl FnMut(usize) -> usize {
    let mut seed = 1_u32;
    move |below| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    }
}

fn check(event: &Event, model: &Model) {
    let headers: Vec<_> =
        event.headers().map(|header| (header.name().into_owned(), header.value().into_owned())).collect();
    assert_eq!(headers, model.0);
}

#[test]
fn changes_among_hundreds_of_headers_are_those_of_a_list() {
    let mut below = numbers();
    let mut event = Event::bare(EventType::Custom);
    let mut model = Model::default();
    for step in 0..20_000 {
        // Names in both cases; more of them come than go at first, later the other way round.
        let names = if step < 10_000 { 900 } else { 200 };
        let number = below(names);
        let name = if below(2) == 0 { format!("Name-{number}") } else { format!("NAME-{number}") };
        let value = below(3).to_string();
        match below(if step < 10_000 { 10 } else { 14 }) {
            0..=3 => {
                event.set_header(&name, &value);
                model.delete(&name, None);
                model.0.push((name.clone(), value));
            }
            4..=6 => {
                event.add_header(&name, &value);
                model.0.push((name.clone(), value));
            }
            7 => {
                event.add_header_top(&name, &value);
                model.0.insert(0, (name.clone(), value));
            }
            8 => assert_eq!(event.del_header_value(&name, &value), model.delete(&name, Some(&value))),
            9 => {
                // An empty value removes.
                event.add_header(&name, "");
                model.delete(&name, None);
            }
            _ => assert_eq!(event.del_header(&name), model.delete(&name, None)),
        }
        assert_eq!(event.header(&name).as_deref(), model.find(&name), "step {step}");
        if step % 500 == 0 {
            check(&event, &model);
            check(&event.clone(), &model);
        }
    }
    check(&event, &model);
    for number in 0..900 {
        event.del_header(format!("name-{number}"));
    }
    assert_eq!(event.headers().count(), 0);
}

#[test]
fn arrays_are_found_and_grow_among_hundreds_of_headers() {
    let mut event = Event::bare(EventType::Custom);
    for number in 0..600 {
        event.push_header(format!("List-{number}"), "a");
        event.add_header(format!("Other-{number}"), "x");
    }
    for number in 0..600 {
        event.push_header(format!("LIST-{number}"), "b");
        event.add_header(format!("list-{number}[3]"), "d");
    }
    assert_eq!(event.headers().count(), 1200);
    for number in [0, 299, 599] {
        let list = event.array(format!("List-{number}")).unwrap();
        assert_eq!(list, ["a", "b", "", "d"]);
        assert_eq!(event.header(format!("Other-{number}")).unwrap(), "x");
    }
}
