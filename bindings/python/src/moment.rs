//! Points in time as `datetime`s in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The `datetime`. Its constructor is called with the parts of the date: three times as fast as adding a `timedelta` to
/// 1970 (`tests/bench/clients/readers.py`).
pub(crate) fn moment(py: Python<'_>, time: SystemTime) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();
    let Ok(since) = time.duration_since(UNIX_EPOCH) else { return Ok(time.into_pyobject(py)?.into_any()) };
    let (class, utc) = CLASS.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        Ok::<_, PyErr>((module.getattr("datetime")?.unbind(), utc.unbind()))
    })?;
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    class.bind(py).call1((year, month, day, hour, minute, second, since.subsec_micros(), utc))
}

/// As [`moment`], `None` for nothing.
pub(crate) fn optional(py: Python<'_>, time: Option<SystemTime>) -> PyResult<Option<Bound<'_, PyAny>>> {
    time.map(|time| moment(py, time)).transpose()
}

/// Year, month and day of so many days after 1 January 1970.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from 1 March of the year 0, every leap day is the last day of its year.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}
