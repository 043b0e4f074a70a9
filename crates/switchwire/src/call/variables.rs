//! The call's variables.

use switchwire_proto::application::{Export, Set, Unset};

use super::Call;
use crate::Result;

impl Call {
    /// The value of a channel variable; `None` when it is not set. An array is in its text form, `ARRAY::a|:b`.
    ///
    /// # Errors
    /// `Refused` when there is no such channel, `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn variable(&self, name: &str) -> Result<Option<String>> {
        let pending = self.connection.event_loop().start_variable(self.addressed(), name)?;
        pending.wait_for(self.timeout.or(self.connection.options().command_timeout))
    }

    /// As [`variable`](Self::variable), with a callback; never waits.
    ///
    /// # Errors
    /// As [`variable`](Self::variable), but no `Timeout`; the callback is not called then.
    pub fn variable_with(
        &self,
        name: &str,
        on_done: impl FnOnce(Result<Option<String>>) + Send + 'static,
    ) -> Result<()> {
        self.connection.event_loop().variable_with(self.addressed(), name, on_done)
    }

    /// `set`: sets a channel variable to just that value, whatever it holds; an empty one unsets it.
    ///
    /// # Errors
    /// As [`run`](Self::run). `InvalidArgument` also for a value with line breaks or `${`, which would be another value.
    pub fn set(&self, name: impl Into<String>, value: impl Into<String>) -> Result<()> {
        self.run(&Set::new(name, value)).map(drop)
    }

    /// Sets several variables, in one go; waits for all of them.
    ///
    /// # Errors
    /// As [`set`](Self::set). A value that cannot be said is found before anything is sent.
    pub fn set_all<Name: Into<String>, Value: Into<String>>(
        &self,
        variables: impl IntoIterator<Item = (Name, Value)>,
    ) -> Result<()> {
        let sets = variables.into_iter().map(|(name, value)| Set::new(name, value)).collect();
        self.run_sets(sets)
    }

    /// Sets a variable to an array.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_array<Element: AsRef<str>>(
        &self,
        name: impl Into<String>,
        elements: impl IntoIterator<Item = Element>,
    ) -> Result<()> {
        self.run(&Set::array(name, elements)?).map(drop)
    }

    /// `unset`: unsets a channel variable.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn unset(&self, name: impl Into<String>) -> Result<()> {
        self.run(&Unset::new(name)).map(drop)
    }

    /// `export`: sets a variable here and on every leg that the call dials from then on.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn export(&self, name: impl Into<String>, value: impl Into<String>) -> Result<()> {
        self.run(&Export::new(name, value)).map(drop)
    }

    fn run_sets(&self, sets: Vec<Set>) -> Result<()> {
        use switchwire_proto::application::Application as _;
        for set in &sets {
            set.argument()?;
        }
        let running: Vec<_> = sets.into_iter().map(|set| self.begin(&set)).collect::<Result<_>>()?;
        for (run, complete) in running {
            if let Err(error) = complete.wait_for(self.timeout) {
                run.abandon();
                return Err(error);
            }
        }
        Ok(())
    }
}
