//! The parts of a test that a simulator is given before it starts: dialplan, endpoints, handlers, script, expectations.

use crate::builder::Builder;
use crate::custom::{Asked, Done, Handler, Respond};
use crate::dialplan::Extension;
use crate::endpoint::Endpoint;
use crate::faults::Faults;
use crate::load::Load;
use crate::scenario::{Expect, Scenario, Step};

impl Builder {
    /// Adds what a scenario has.
    pub fn scenario(self, scenario: &Scenario) -> Self {
        // It was checked when it was read.
        scenario.apply(self.clone()).unwrap_or(self)
    }

    /// Adds an extension to the dialplan. Of several that apply the first is taken; these come before plain
    /// [numbers](Self::extension).
    pub fn dialplan(mut self, extension: Extension) -> Self {
        self.config.dialplan.add(extension);
        self
    }

    /// What a called party does: `user/1000`, `sofia/gateway/name/*`; `*` is any text. Of several that fit the last is
    /// taken.
    pub fn endpoint(mut self, dial: &str, endpoint: Endpoint) -> Self {
        self.config.endpoints.push((dial.to_owned(), Handler::now(move |_| endpoint.clone())));
        self
    }

    /// The same, decided for each call, which [`Asked`] describes. It runs on the simulator's thread and must not block.
    pub fn endpoint_with(
        mut self,
        dial: &str,
        decide: impl Fn(&Asked) -> Endpoint + Send + Sync + 'static,
    ) -> Self {
        self.config.endpoints.push((dial.to_owned(), Handler::now(decide)));
        self
    }

    /// The same, decided later: the channel is made and waits.
    pub fn endpoint_later(
        mut self,
        dial: &str,
        decide: impl Fn(Asked, Respond<Endpoint>) + Send + Sync + 'static,
    ) -> Self {
        self.config.endpoints.push((dial.to_owned(), Handler::later(decide)));
        self
    }

    /// An api command: from its argument to its output. It takes the place of a built-in one. It runs on the simulator's
    /// thread and must not block; if it panics the command replies `-ERR no reply`.
    pub fn api(mut self, name: &str, run: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.config.apis.insert(name.to_ascii_lowercase(), Handler::now(move |asked| run(&asked.argument)));
        self
    }

    /// An api command whose output comes later.
    pub fn api_later(
        mut self,
        name: &str,
        run: impl Fn(Asked, Respond<String>) + Send + Sync + 'static,
    ) -> Self {
        self.config.apis.insert(name.to_ascii_lowercase(), Handler::later(run));
        self
    }

    /// An application that runs on a channel. It takes the place of a built-in one. The closure runs on the simulator's
    /// thread and must not block; if it panics the application is over.
    pub fn application(mut self, name: &str, run: impl Fn(&Asked) -> Done + Send + Sync + 'static) -> Self {
        self.config.applications.insert(name.to_ascii_lowercase(), Handler::now(run));
        self
    }

    /// An application that goes on until its reply is given.
    pub fn application_later(
        mut self,
        name: &str,
        run: impl Fn(Asked, Respond<Done>) + Send + Sync + 'static,
    ) -> Self {
        self.config.applications.insert(name.to_ascii_lowercase(), Handler::later(run));
        self
    }

    /// Adds a step of what the server does by itself.
    pub fn step(mut self, step: Step) -> Self {
        self.config.script.push(step);
        self
    }

    /// Adds an expectation, for [`Simulator::verify`](crate::Simulator::verify).
    pub fn expect(mut self, expectation: Expect) -> Self {
        self.config.expectations.push(expectation);
        self
    }

    /// Keeps what is seen, for [`Simulator::seen`](crate::Simulator::seen) and
    /// [`wait_for`](crate::Simulator::wait_for). Costs the making of every event, wanted or not.
    pub fn watched(mut self) -> Self {
        self.config.watched = true;
        self
    }

    /// Faults of one connection: 1 for the first that is made, inbound or outbound, a refused attempt included.
    pub fn faults_of(mut self, connection: usize, faults: Faults) -> Self {
        self.config.faults_of.insert(connection, faults);
        self
    }

    /// Makes calls by itself, from the start.
    pub fn load(mut self, load: Load) -> Self {
        self.config.load = Some(load);
        self
    }
}
