//! The uuids of the legs that an `originate` makes, known before it is sent.

use super::{DialString, Originate};
use crate::vocabulary::variables as names;

impl DialString {
    /// Sees to it that the uuid of every leg is known before it is dialled, and gives these uuids in the order in which
    /// the legs are written. `new` makes a uuid.
    ///
    /// - Where the program gave one to all legs (`{}` or `<>`), it stays as it is. With more than one leg the server gives
    ///   it to the first that is dialled, and to another one only when the first is gone: the rest have uuids that
    ///   nothing tells. (It goes before what a leg has of its own, for the server.)
    /// - A leg that has an `origination_uuid` of its own (`[]`) keeps it.
    /// - Every other leg gets a new one: in `{}` when there is only one leg, else in its own `[]`.
    pub fn identify_legs(&mut self, mut new: impl FnMut() -> String) -> Vec<String> {
        let only = self.legs().count() == 1;
        let shared = self.shared.get(names::ORIGINATION_UUID).map(str::to_owned);
        let mut uuids = Vec::new();
        let mut note = |uuid: &str| {
            if !uuids.iter().any(|known| known == uuid) {
                uuids.push(uuid.to_owned());
            }
        };
        for thread in &mut self.threads {
            let given = thread.variables.get(names::ORIGINATION_UUID).map(str::to_owned);
            let given = given.or_else(|| shared.clone());
            for leg in thread.groups.iter_mut().flatten() {
                if let Some(uuid) = given.as_deref().or_else(|| leg.variables.get(names::ORIGINATION_UUID)) {
                    note(uuid);
                    continue;
                }
                let uuid = new();
                let variables = if only { &mut thread.variables } else { &mut leg.variables };
                *variables = std::mem::take(variables).set(names::ORIGINATION_UUID, &uuid);
                note(&uuid);
            }
        }
        uuids
    }
}

impl Originate {
    /// [`DialString::identify_legs`] of what is dialled.
    pub fn identify_legs(&mut self, new: impl FnMut() -> String) -> Vec<String> {
        self.dial.identify_legs(new)
    }
}
