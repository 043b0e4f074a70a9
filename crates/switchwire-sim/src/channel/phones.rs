//! Endpoints that stand for others: a user for the phones that registered, a group for its users.

use super::Dial;
use super::dial::{Endpoint, Leg};
use crate::world::World;

impl World {
    /// What is called instead of a destination; none if it is called itself.
    pub(super) fn phones(&mut self, leg: &Leg) -> Option<Vec<Leg>> {
        if self.knows_endpoint(&leg.text) {
            return None;
        }
        let own = self.globals.get("domain").cloned().unwrap_or_default();
        let (command, argument, found) = match &leg.endpoint {
            Endpoint::User(who) => {
                let (user, domain) = who.split_once('@').unwrap_or((who, &own));
                let found = self.contact_of(user, domain)?;
                ("sofia_contact", format!("*/{user}@{domain}"), found)
            }
            Endpoint::Group(name) => ("group_call", name.clone(), self.group_dial(name)),
            _ => return None,
        };
        self.fire_api(command, &argument);
        let mut dial = Dial::parse(&found);
        let legs = dial.legs_mut().map(|called| {
            called.export(&leg.variables);
            called.clone()
        });
        Some(legs.collect())
    }
}
