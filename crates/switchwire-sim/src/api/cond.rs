//! `cond`: `<value> <operator> <value> ? <when true> : <when false>`.

use super::{ApiRequest, Family, Outcome};
use crate::world::World;

pub(super) const COMMANDS: Family = &[("cond", cond)];

fn cond(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    decide(arg).unwrap_or_else(|| "-ERR".into()).into()
}

fn decide(text: &str) -> Option<String> {
    let (test, choices) = text.split_once('?')?;
    let (when, otherwise) = match choices.find(" :") {
        Some(at) => (&choices[..at], &choices[at + 2..]),
        None => choices.split_once(':').unwrap_or((choices, "")),
    };
    let (left, operator, right) = split(test)?;
    let (a, b) = (value(left), value(right));
    let both = a.parse::<f64>().ok().zip(b.parse::<f64>().ok());
    // Numbers compare as numbers; texts by their length, except for equality.
    let order = match both {
        Some((a, b)) => a.partial_cmp(&b)?,
        None if operator == "==" || operator == "!=" => a.cmp(b),
        None => a.len().cmp(&b.len()),
    };
    let holds = match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        ">" => order.is_gt(),
        "<" => order.is_lt(),
        ">=" => order.is_ge(),
        _ => order.is_le(),
    };
    Some(if holds { when } else { otherwise }.trim().to_owned())
}

/// The operator stands between blanks.
fn split(test: &str) -> Option<(&str, &str, &str)> {
    let test = test.trim();
    ["==", "!=", ">=", "<=", ">", "<"].into_iter().find_map(|operator| {
        let at = test.match_indices(operator).map(|(at, _)| at).find(|at| {
            let (before, after) = (&test[..*at], &test[at + operator.len()..]);
            before.ends_with(' ') && (after.starts_with(' ') || after.is_empty())
        })?;
        Some((test[..at].trim(), operator, test[at + operator.len()..].trim()))
    })
}

fn value(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::decide;

    #[test]
    fn conditions_decide() {
        for (text, result) in [
            ("1 == 1 ? true : false", Some("true")),
            ("1==1?a:b", None),
            ("x", None),
            ("10 > 9 ? a : b", Some("a")),
            ("a != b ? yes : no", Some("yes")),
            ("'' == '' ? e : f", Some("e")),
            ("1 == 2 ? a", Some("")),
            ("2 >= 2 ? a b : c d", Some("a b")),
        ] {
            assert_eq!(decide(text).as_deref(), result, "{text}");
        }
    }
}
