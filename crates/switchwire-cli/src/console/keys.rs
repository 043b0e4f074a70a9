//! What the function keys run.

/// The lines of F1 to F12, and those that a second press runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    bound: [Option<String>; 12],
    toggled: [Option<String>; 12],
    /// Whether the key's first line was the last that it ran.
    pressed: [bool; 12],
}

impl Default for Keys {
    /// Those of `fs_cli`.
    fn default() -> Self {
        let bound = DEFAULT.map(|line| Some(line.to_owned()));
        Self { bound, toggled: Default::default(), pressed: [false; 12] }
    }
}

impl Keys {
    /// Binds F`number` (1 to 12); another number is left alone.
    pub(crate) fn bind(&mut self, number: usize, line: &str) {
        if let Some(bound) = number.checked_sub(1).and_then(|at| self.bound.get_mut(at)) {
            *bound = Some(line.to_owned());
        }
    }

    /// Binds what every second press of F`number` runs.
    pub(crate) fn toggle(&mut self, number: usize, line: &str) {
        if let Some(toggled) = number.checked_sub(1).and_then(|at| self.toggled.get_mut(at)) {
            *toggled = Some(line.to_owned());
        }
    }

    /// The line that a press of F`number` runs.
    pub(crate) fn press(&mut self, number: usize) -> Option<&str> {
        let at = number.checked_sub(1)?;
        let pressed = self.pressed.get_mut(at)?;
        let again = *pressed && self.toggled[at].is_some();
        *pressed = !again;
        if again { self.toggled[at].as_deref() } else { self.bound[at].as_deref() }
    }
}

const DEFAULT: [&str; 12] = [
    "help",
    "status",
    "show channels",
    "show calls",
    "sofia status",
    "reloadxml",
    "/log console",
    "/log debug",
    "sofia status profile internal",
    "fsctl pause",
    "fsctl resume",
    "version",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_press_runs_the_other_line() {
        let mut keys = Keys::default();
        keys.bind(1, "/log 7");
        keys.toggle(1, "/nolog");
        keys.bind(13, "x");
        let pressed: Vec<_> = (0..3).map(|_| keys.press(1).map(str::to_owned)).collect();
        assert_eq!(pressed, [Some("/log 7".into()), Some("/nolog".into()), Some("/log 7".into())]);
        assert_eq!(keys.press(12), Some("version"));
        assert_eq!(keys.press(0), None);
        assert_eq!(keys.press(13), None);
    }
}
