//! The programs are in `docs/cookbook`, a folder for each recipe; `tests/recipes.rs` runs them.
