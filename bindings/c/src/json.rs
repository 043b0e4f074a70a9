//! The cJSON API.
