//! An application with all its options.

use pyo3::prelude::*;
use switchwire::Execute as CoreExecute;

use crate::command::{Command, built};

/// How an application is to be run.
#[pyclass(frozen)]
pub(crate) struct Execute(pub(crate) CoreExecute);

#[pymethods]
impl Execute {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "one for each option of Python's execute")]
    fn __new__(
        application: &str,
        argument: &str,
        uuid: Option<&str>,
        loops: Option<u32>,
        event_uuid: Option<&str>,
        event_lock: bool,
        hold_bleg: bool,
        asynchronous: bool,
    ) -> Self {
        let mut execute = CoreExecute::new(application)
            .event_lock(event_lock)
            .hold_bleg(hold_bleg)
            .asynchronous(asynchronous);
        if !argument.is_empty() {
            execute = execute.argument(argument);
        }
        if let Some(uuid) = uuid {
            execute = execute.uuid(uuid);
        }
        if let Some(loops) = loops {
            execute = execute.loops(loops);
        }
        if let Some(event_uuid) = event_uuid {
            execute = execute.event_uuid(event_uuid);
        }
        Self(execute)
    }

    /// The command, for an application that is not waited for.
    fn command(&self, py: Python<'_>) -> PyResult<Command> {
        built(py, self.0.build())
    }
}
