//! The native module `switchwire._native`: conversions only.
//!
//! In scope: the classic classes `ESLevent` and `ESLconnection` (the module `ESL` re-exports them), the base of the
//! modern `switchwire.Connection`, its events, replies, jobs and the listener, what `switchwire.aio` drives from its
//! loop, and the simulator for `switchwire.testing`.
//!
//! Out of scope: what is as well written in Python: command helpers, exceptions, enums.
//!
//! Threads: every class may be used by any number of threads at once, with the GIL or without one. Whatever waits
//! releases the GIL, and looks for signals often enough for Ctrl-C to work (see the module `wait`). No lock of ours is held
//! while Python code runs.

mod call;
mod calls;
mod classic;
mod command;
mod conference;
mod connection;
mod consumer;
mod dial;
mod errors;
mod event;
mod event_type;
mod execute;
mod fleet;
mod future;
mod headers;
mod incoming;
mod job;
mod listener;
mod log;
mod look_up;
mod mailbox;
mod managed;
mod memory;
mod moment;
mod notice;
mod opening;
mod pending_futures;
mod profile;
mod reply;
mod sim;
mod sim_handlers;
mod stream;
mod text;
mod thread;
mod timeout;
mod vocabulary;
mod wait;

use pyo3::prelude::*;

/// What `import switchwire._native` gives. Private: import from `switchwire` and `ESL`.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::call::{Call, DtmfWatch, Handle as CallHandle, Originating, Verb};
    #[pymodule_export]
    use crate::calls::{CallLeg, Calls, Changes};
    #[pymodule_export]
    use crate::classic::{ClassicConnection, ClassicEvent, Pointer, esl_set_log_level};
    #[pymodule_export]
    use crate::command::Command;
    #[pymodule_export]
    use crate::conference::{Conference, ConferenceEvents, ConferenceVerb, ConferenceWatch};
    #[pymodule_export]
    use crate::connection::Connection;
    #[pymodule_export]
    use crate::consumer::ConsumerThread;
    #[pymodule_export]
    use crate::dial::{DialString, Leg};
    #[pymodule_export]
    use crate::errors::timed_out;
    #[pymodule_export]
    use crate::event::Event;
    #[pymodule_export]
    use crate::execute::Execute;
    #[pymodule_export]
    use crate::fleet::{
        Fleet, Replies as FleetReplies, fleet_api_all, fleet_api_any, fleet_ask_api_all, fleet_ask_api_any,
        fleet_ask_find, fleet_ask_uuid_kill, fleet_find, fleet_uuid_kill,
    };
    #[pymodule_export]
    use crate::job::{Execution, Job};
    #[pymodule_export]
    use crate::listener::{Server, bind, check_listening, serve};
    #[pymodule_export]
    use crate::log::LogRecord;
    #[pymodule_export]
    use crate::mailbox::Mailbox;
    #[pymodule_export]
    use crate::managed::{Lease, Managed, Tries};
    #[pymodule_export]
    use crate::notice::LingerNotice;
    #[pymodule_export]
    use crate::opening::{Handle, Opening, bare_host, connect};
    #[pymodule_export]
    use crate::profile::CallerProfile;
    #[pymodule_export]
    use crate::reply::Reply;
    #[pymodule_export]
    use crate::sim::Simulator;

    use pyo3::prelude::*;
    use pyo3::types::PyDict;
    use switchwire::{Bind, Listener, Options};

    use crate::look_up;

    /// Says that this process is a child made by `fork`: the parent's connections are not its own.
    #[pyfunction]
    fn _forked_child() {
        switchwire::forked_child();
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("ERROR_KINDS", crate::errors::kinds())?;
        module.add("EVENT_TYPES", crate::event_type::names())?;
        let py = module.py();
        module.add("INBOUND", crate::opening::defaults(py, &Options::inbound())?)?;
        module.add("OUTBOUND", crate::opening::defaults(py, &Options::outbound())?)?;
        module.add("BACKOFF", crate::managed::backoff(py)?)?;
        module.add("LIVENESS", crate::managed::liveness(py)?)?;
        module.add("HEALTH_LIMITS", crate::fleet::limits(py)?)?;
        module.add("BACKLOG", Bind::BACKLOG)?;
        module.add("MAX_SESSIONS", Listener::MAX_SESSIONS)?;
        module.add("FAILURE_CAUSE", Listener::FAILURE_CAUSE)?;
        module.add("HANGUP_TIMEOUT", Listener::HANGUP_TIMEOUT.as_secs_f64())?;
        module.add("ACCEPT_PAUSE", Listener::ACCEPT_PAUSE.as_secs_f64())?;
        look_up::install::<crate::event::Get>(py)?;
        look_up::install::<crate::event::Variable>(py)?;
        look_up::install::<crate::classic::GetHeader>(py)?;
        module.add("ArgumentError", crate::classic::argument_error(module.py())?)?;
        let os = module.py().import("os")?;
        if os.hasattr("register_at_fork")? {
            let hooks = PyDict::new(module.py());
            hooks.set_item("after_in_child", module.getattr("_forked_child")?)?;
            os.call_method("register_at_fork", (), Some(&hooks))?;
        }
        Ok(())
    }
}
