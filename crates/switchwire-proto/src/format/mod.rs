//! Events as text, and back: plain, JSON and XML.

pub mod json;
pub mod plain;
pub mod xml;
