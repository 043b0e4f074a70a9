//! What the modules of the recorded server bring: api commands, applications, endpoints, codecs, file formats.

use std::sync::LazyLock;

/// One of it.
#[derive(Debug)]
pub(super) struct Interface {
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) module: &'static str,
    pub(super) description: String,
    pub(super) syntax: String,
}

/// By kind, then by name.
static ALL: LazyLock<Vec<Interface>> = LazyLock::new(|| {
    let text = |text: &str| text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\");
    let rows = include_str!("data/interfaces.tsv").lines().filter_map(|line| {
        let mut cells = line.split('\t');
        let (kind, name, module) = (cells.next()?, cells.next()?, cells.next()?);
        let (description, syntax) = (text(cells.next()?), text(cells.next()?));
        Some(Interface { kind, name, module, description, syntax })
    });
    rows.collect()
});

pub(super) fn all() -> impl Iterator<Item = &'static Interface> {
    ALL.iter()
}

/// Those of a kind.
pub(super) fn listed(kind: &str) -> impl Iterator<Item = &'static Interface> {
    ALL.iter().filter(move |interface| interface.kind == kind)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_commands_are_there() {
        assert!(super::listed("api").any(|i| i.name == "originate" && i.module == "mod_commands"));
        assert!(super::all().count() > 400);
    }
}
