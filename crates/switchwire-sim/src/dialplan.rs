//! The dialplan as data: which applications run for a number.

use std::collections::BTreeMap;

use regex::Regex;

/// Applications with their arguments, one after the other.
pub(crate) type Actions = Vec<(String, String)>;

/// An extension: a number or a pattern, in one context or in all, and the applications that run for it; then the call is
/// hung up.
///
/// Add it with [`Builder::dialplan`](crate::Builder::dialplan). Any application that the simulator has may run,
/// `socket` included: `.run("socket", "127.0.0.1:8084|127.0.0.1:8085 async full")` connects out, to the second address
/// if the first refuses. `$1` in an argument is what the first group of the pattern matched.
#[derive(Debug, Clone)]
#[must_use]
pub struct Extension {
    name: Option<String>,
    pattern: Pattern,
    context: Option<String>,
    actions: Actions,
}

#[derive(Debug, Clone)]
enum Pattern {
    Number(String),
    Regex(Regex),
}

impl Extension {
    /// The extension of that very number.
    pub fn number(number: &str) -> Self {
        Self { name: None, pattern: Pattern::Number(number.to_owned()), context: None, actions: Vec::new() }
    }

    /// The extension of every number that a regular expression finds, as a `condition` in the dialplan's XML.
    pub fn matching(regex: &str) -> Result<Self, regex::Error> {
        Ok(Self {
            name: None,
            pattern: Pattern::Regex(Regex::new(regex)?),
            context: None,
            actions: Vec::new(),
        })
    }

    /// The name of the extension, which the log tells; without, it is its number or pattern.
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// For calls in that context alone.
    pub fn context(mut self, context: &str) -> Self {
        self.context = Some(context.to_owned());
        self
    }

    /// Adds an application.
    pub fn run(mut self, application: &str, argument: &str) -> Self {
        self.actions.push((application.to_owned(), argument.to_owned()));
        self
    }

    /// Name and pattern, as the log tells them.
    fn words(&self) -> (String, String) {
        let pattern = match &self.pattern {
            Pattern::Number(number) => format!("^{number}$"),
            Pattern::Regex(regex) => regex.as_str().to_owned(),
        };
        (self.name.clone().unwrap_or_else(|| pattern.trim_matches(['^', '$']).to_owned()), pattern)
    }

    fn route(&self, number: &str, context: &str) -> Option<Route> {
        if self.context.as_deref().is_some_and(|wanted| wanted != context) {
            return None;
        }
        match &self.pattern {
            Pattern::Number(wanted) => {
                (wanted == number).then(|| Route { actions: self.actions.clone(), groups: Vec::new() })
            }
            Pattern::Regex(regex) => {
                let groups = regex.captures(number)?;
                let fill = |argument: &str| {
                    // From the last, so that `$1` does not cut into `$10`.
                    (1..groups.len()).rev().fold(argument.to_owned(), |text, group| {
                        text.replace(&format!("${group}"), groups.get(group).map_or("", |m| m.as_str()))
                    })
                };
                let actions = self.actions.iter().map(|(app, argument)| (app.clone(), fill(argument)));
                let shown = groups.iter().map(|group| group.map_or(String::new(), |m| m.as_str().to_owned()));
                let groups = if groups.len() > 1 { shown.collect() } else { Vec::new() };
                Some(Route { actions: actions.collect(), groups })
            }
        }
    }
}

/// What the dialplan has for a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) actions: Actions,
    /// What a pattern with groups found: the whole, then each group.
    pub(crate) groups: Vec<String>,
}

/// Every extension.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dialplan {
    rules: Vec<Extension>,
    numbers: BTreeMap<String, Actions>,
}

impl Dialplan {
    pub(crate) fn set(&mut self, number: &str, actions: Actions) {
        self.numbers.insert(number.to_owned(), actions);
    }

    pub(crate) fn add(&mut self, extension: Extension) {
        self.rules.push(extension);
    }

    /// The extensions that are tried for a number, in their order: the last one is the one that applies, if any does. Each
    /// with its name, its pattern and whether it applies.
    pub(crate) fn tried(&self, number: &str, context: &str) -> Vec<(String, String, bool)> {
        let mut tried = Vec::new();
        for rule in &self.rules {
            if rule.context.as_deref().is_some_and(|wanted| wanted != context) {
                continue;
            }
            let (name, pattern) = rule.words();
            let applies = rule.route(number, context).is_some();
            tried.push((name, pattern, applies));
            if applies {
                return tried;
            }
        }
        for known in self.numbers.keys() {
            let applies = known == number;
            tried.push((known.clone(), format!("^{known}$"), applies));
            if applies {
                break;
            }
        }
        tried
    }

    /// Whether there is such a context: once extensions name contexts, there are no others.
    fn knows(&self, context: &str) -> bool {
        let named = || self.rules.iter().filter_map(|rule| rule.context.as_deref());
        context == "default" || named().next().is_none() || named().any(|known| known == context)
    }

    /// What runs for a number: of the rules the first that applies, else the plain number.
    pub(crate) fn route(&self, number: &str, context: &str) -> Option<Route> {
        let rule = self.rules.iter().find_map(|rule| rule.route(number, context));
        let plain = |actions: &Actions| Route { actions: actions.clone(), groups: Vec::new() };
        rule.or_else(|| self.numbers.get(number).filter(|_| self.knows(context)).map(plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_patterns_and_contexts_decide() {
        let mut plan = Dialplan::default();
        plan.set("5001", vec![("echo".into(), String::new())]);
        plan.add(Extension::number("5001").context("public").run("park", ""));
        plan.add(Extension::matching(r"^6(\d)(\d+)$").unwrap().run("bridge", "user/$2@$1"));
        let app = |number, context| plan.route(number, context).map(|route| route.actions[0].clone());
        assert_eq!(app("5001", "public").unwrap().0, "park");
        assert_eq!(app("5001", "default").unwrap().0, "echo");
        assert_eq!(app("6123", "default").unwrap().1, "user/23@1");
        assert_eq!(app("7", "default"), None);
    }
}
