//! Scenarios: what the simulated server does by itself, and what must happen meanwhile.

mod expect;
mod file;
mod report;
mod script;

pub use expect::Expect;
pub use file::{Scenario, ScenarioError};
pub use report::Unmet;
pub(crate) use report::check;
pub(crate) use script::Script;
pub use script::{Act, Step, When};
