//! musl: what can be built of it.

use anyhow::Result;

pub(super) fn build() -> Result<Vec<String>> {
    Ok(vec!["**Not built.**".to_owned()])
}
