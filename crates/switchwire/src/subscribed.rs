/// What the commands sent so far asked to hear: enough to tell a wait that would never end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Subscribed {
    pub(crate) jobs: bool,
    pub(crate) execute_complete: bool,
}

impl Subscribed {
    /// Takes note of a command by its first line. A refused command counts too: better to wait than to fail wrongly.
    pub(crate) fn note(&mut self, command: &[u8]) {
        let line = command.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.to_ascii_uppercase();
        let asks_for = |name: &[u8]| {
            line.split(u8::is_ascii_whitespace).skip(1).any(|word| word == b"ALL" || word.ends_with(name))
        };
        if line.starts_with(b"NOEVENTS") {
            *self = Self::default();
        } else if line.starts_with(b"MYEVENTS") {
            self.execute_complete = true;
        } else if line.starts_with(b"EVENT") {
            self.jobs |= asks_for(b"BACKGROUND_JOB");
            self.execute_complete |= asks_for(b"CHANNEL_EXECUTE_COMPLETE");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_subscription_is_known() {
        let mut subscribed = Subscribed::default();
        for (command, jobs, complete) in [
            ("api status\n\n", false, false),
            ("event plain HEARTBEAT CUSTOM a::ball\n\n", false, false),
            ("event json background_job\n\n", true, false),
            ("myevents\n\n", true, true),
            ("noevents\n\n", false, false),
            ("\n\nevent plain all\n\n", true, true),
        ] {
            subscribed.note(command.as_bytes());
            assert_eq!(subscribed, Subscribed { jobs, execute_complete: complete }, "{command}");
        }
    }
}
