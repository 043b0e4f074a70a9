//! The call's variables.

use switchwire::application::{Application as _, Export, Set, Unset};
use switchwire::{Phase, Result};

use super::Call;
use crate::pending::{Pending, within};

impl Call {
    /// The value of a channel variable; `None` when it is not set. An array is in its text form, `ARRAY::a|:b`.
    ///
    /// # Errors
    /// `Refused` when there is no such channel, `InvalidArgument`, `Timeout`, `Disconnected`.
    pub async fn variable(&self, name: &str) -> Result<Option<String>> {
        let value = Pending::start(|done| self.connection.send(|_| self.core.variable_with(name, done)))?;
        within(self.command_timeout(), Phase::Reply, value).await
    }

    /// `set`: sets a channel variable to just that value, whatever it holds; an empty one unsets it.
    ///
    /// # Errors
    /// As [`run`](Self::run). `InvalidArgument` also for a value with line breaks or `${`, which would be another value.
    pub async fn set(&self, name: impl Into<String>, value: impl Into<String>) -> Result<()> {
        self.run(Set::new(name, value)).await.map(drop)
    }

    /// Sets several variables, in one go; waits for all of them.
    ///
    /// # Errors
    /// As [`set`](Self::set). A value that cannot be said is found before anything is sent.
    pub async fn set_all<Name: Into<String>, Value: Into<String>>(
        &self,
        variables: impl IntoIterator<Item = (Name, Value)>,
    ) -> Result<()> {
        let sets: Vec<_> = variables.into_iter().map(|(name, value)| Set::new(name, value)).collect();
        for set in &sets {
            set.argument()?;
        }
        let running: Vec<_> = sets.into_iter().map(|set| self.start(set)).collect::<Result<_>>()?;
        for set in running {
            within(self.timeout, Phase::Execute, set).await?;
        }
        Ok(())
    }

    /// Sets a variable to an array.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn set_array<Element: AsRef<str>>(
        &self,
        name: impl Into<String>,
        elements: impl IntoIterator<Item = Element>,
    ) -> Result<()> {
        self.run(Set::array(name, elements)?).await.map(drop)
    }

    /// `unset`: unsets a channel variable.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn unset(&self, name: impl Into<String>) -> Result<()> {
        self.run(Unset::new(name)).await.map(drop)
    }

    /// `export`: sets a variable here and on every leg that the call dials from then on.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn export(&self, name: impl Into<String>, value: impl Into<String>) -> Result<()> {
        self.run(Export::new(name, value)).await.map(drop)
    }
}
