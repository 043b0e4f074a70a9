//! The prompt: `freeswitch@NAME> `, or a profile's own with `%` sequences.

/// What a prompt may show.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// `%s`: the switch's name.
    pub(crate) switch: String,
    /// `%h`: this machine's.
    pub(crate) local: String,
    /// `%H`: the switch's machine.
    pub(crate) remote: String,
    /// `%p`: the profile's.
    pub(crate) profile: String,
    /// `%o`: the host that is connected to.
    pub(crate) host: String,
    /// `%P`: its port.
    pub(crate) port: u16,
}

impl Names {
    /// The prompt for a template; without one `freeswitch@` and the switch's name.
    pub(crate) fn prompt(&self, template: Option<&str>) -> String {
        let Some(template) = template.filter(|template| !template.is_empty()) else {
            return format!("freeswitch@{}> ", self.switch);
        };
        let mut out = String::new();
        let mut chars = template.chars();
        while let Some(char) = chars.next() {
            if char != '%' {
                out.push(char);
                continue;
            }
            match chars.next() {
                Some('s') => out.push_str(&self.switch),
                Some('h') => out.push_str(&self.local),
                Some('H') => out.push_str(&self.remote),
                Some('p') => out.push_str(&self.profile),
                Some('o') => out.push_str(&self.host),
                Some('P') => out.push_str(&self.port.to_string()),
                Some('%') => out.push('%'),
                _ => {}
            }
        }
        out + "> "
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_expanded() {
        let names = Names { switch: "sw".into(), host: "pbx".into(), port: 8021, ..Names::default() };
        assert_eq!(names.prompt(None), "freeswitch@sw> ");
        assert_eq!(names.prompt(Some("%s at %o:%P 100%% %x%")), "sw at pbx:8021 100% > ");
    }
}
