//! `expr`: arithmetic, with the functions of the server's expression evaluator.

use super::{ApiRequest, Family, Outcome};
use crate::world::World;

pub(super) const COMMANDS: Family = &[("expr", expr)];

fn expr(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    evaluate(arg).map_or_else(|| "!err!".into(), shown).into()
}

/// Ten decimals at most, without the zeros at the end.
fn shown(value: f64) -> String {
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The value of an expression; `None` for what is none, and for results that are no number.
fn evaluate(text: &str) -> Option<f64> {
    let mut parser = Parser { text: text.as_bytes(), at: 0, depth: 0 };
    let mut value = parser.sum()?;
    // Several expressions may follow each other; the last one counts.
    while parser.take(b';') {
        if parser.peek().is_none() {
            break;
        }
        value = parser.sum()?;
    }
    (parser.peek().is_none() && value.is_finite()).then_some(value)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut value = self.product()?;
        loop {
            if self.take(b'+') {
                value += self.product()?;
            } else if self.take(b'-') {
                value -= self.product()?;
            } else {
                self.depth -= 1;
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.power()?;
        loop {
            if self.take(b'*') {
                value *= self.power()?;
            } else if self.take(b'/') {
                let by = self.power()?;
                if by == 0.0 {
                    return None;
                }
                value /= by;
            } else {
                return Some(value);
            }
        }
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.signed()?;
        if self.take(b'^') { Some(base.powf(self.signed()?)) } else { Some(base) }
    }

    fn signed(&mut self) -> Option<f64> {
        let mut sign = 1.0;
        loop {
            if self.take(b'-') {
                sign = -sign;
            } else if !self.take(b'+') {
                return Some(sign * self.atom()?);
            }
        }
    }

    fn atom(&mut self) -> Option<f64> {
        match self.peek()? {
            b'(' => {
                self.at += 1;
                let value = self.sum()?;
                self.take(b')').then_some(value)
            }
            b'0'..=b'9' | b'.' => self.number(),
            _ => self.call(),
        }
    }

    fn number(&mut self) -> Option<f64> {
        let from = self.at;
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_digit() || *b == b'.') {
            self.at += 1;
        }
        std::str::from_utf8(&self.text[from..self.at]).ok()?.parse().ok()
    }

    fn call(&mut self) -> Option<f64> {
        let from = self.at;
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.at += 1;
        }
        let name = std::str::from_utf8(&self.text[from..self.at]).ok()?.to_owned();
        if name.is_empty() {
            return None;
        }
        if !self.take(b'(') {
            return match name.as_str() {
                "M_PI" => Some(std::f64::consts::PI),
                "M_E" => Some(std::f64::consts::E),
                _ => None,
            };
        }
        let mut arguments = Vec::new();
        if !self.take(b')') {
            loop {
                arguments.push(self.sum()?);
                if self.take(b')') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
            }
        }
        function(&name, &arguments)
    }
}

fn function(name: &str, arguments: &[f64]) -> Option<f64> {
    let truth = |holds: bool| f64::from(u8::from(holds));
    Some(match (name, arguments) {
        ("abs", [a]) => a.abs(),
        ("mod", [a, b]) => a % b,
        ("ipart", [a]) => a.trunc(),
        ("fpart", [a]) => a.fract(),
        ("min", [_, ..]) => arguments.iter().copied().fold(f64::INFINITY, f64::min),
        ("max", [_, ..]) => arguments.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        #[allow(clippy::cast_precision_loss, reason = "an argument list is short")]
        ("avg", [_, ..]) => arguments.iter().sum::<f64>() / arguments.len() as f64,
        ("pow", [a, b]) => a.powf(*b),
        ("sqrt", [a]) => a.sqrt(),
        ("sin", [a]) => a.sin(),
        ("sinh", [a]) => a.sinh(),
        ("asin", [a]) => a.asin(),
        ("cos", [a]) => a.cos(),
        ("cosh", [a]) => a.cosh(),
        ("acos", [a]) => a.acos(),
        ("tan", [a]) => a.tan(),
        ("tanh", [a]) => a.tanh(),
        ("atan", [a]) => a.atan(),
        ("atan2", [a, b]) => a.atan2(*b),
        ("log", [a]) => a.log10(),
        ("pow10", [a]) => 10f64.powf(*a),
        ("ln", [a]) => a.ln(),
        ("exp", [a]) => a.exp(),
        ("logn", [a, b]) => a.log(*b),
        ("ceil", [a]) => a.ceil(),
        ("floor", [a]) => a.floor(),
        ("deg", [a]) => a.to_degrees(),
        ("rad", [a]) => a.to_radians(),
        ("if", [test, yes, no]) => {
            if *test == 0.0 {
                *no
            } else {
                *yes
            }
        }
        ("select", [test, below, zero]) => {
            if *test < 0.0 {
                *below
            } else {
                *zero
            }
        }
        ("select", [test, below, zero, above]) => match test.partial_cmp(&0.0)? {
            std::cmp::Ordering::Less => *below,
            std::cmp::Ordering::Equal => *zero,
            std::cmp::Ordering::Greater => *above,
        },
        ("equal", [a, b]) => truth(a == b),
        ("above", [a, b]) => truth(a > b),
        ("below", [a, b]) => truth(a < b),
        ("clip", [a, low, high]) => a.max(*low).min(*high),
        ("and", [a, b]) => truth(*a != 0.0 && *b != 0.0),
        ("or", [a, b]) => truth(*a != 0.0 || *b != 0.0),
        ("not", [a]) => truth(*a == 0.0),
        _ => return None,
    })
}

/// Parentheses that may nest.
const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::{evaluate, shown};

    #[test]
    fn expressions_have_values() {
        for (text, result) in [
            ("1+2", Some("3")),
            ("3*(4-1)/2", Some("4.5")),
            ("10/3", Some("3.3333333333")),
            ("0.1+0.2", Some("0.3")),
            ("2^10 - -1", Some("1025")),
            ("if(above(2,1),max(1,7,3),2)", Some("7")),
            ("1/0", None),
            ("1==1", None),
            ("1+", None),
            ("", None),
            ("nosuch(1)", None),
        ] {
            assert_eq!(evaluate(text).map(shown).as_deref(), result, "{text}");
        }
        assert_eq!(evaluate(&"(".repeat(10_000)), None);
    }
}
