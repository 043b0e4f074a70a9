//! What must hold for any bytes: one file per target.

mod c_events;
mod c_json;
mod c_model;
mod c_receive;
mod c_see;
mod commands;
mod decoder;
mod events;
mod simulator;
mod texts;

pub use c_events::c_events;
pub use c_json::c_json;
pub use c_receive::c_receive;
pub use commands::commands;
pub use decoder::decoder;
pub use events::events;
pub use simulator::simulator;
pub use texts::texts;
