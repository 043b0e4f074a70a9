//! Replies of the user's handlers.

use super::{Work, World};
use crate::api::request::ApiRequest;
use crate::custom::{Asked, Done, Handler, Reply, Respond, Ticket};

impl World {
    /// Runs an api command of the user's.
    pub(crate) fn ask_api(&mut self, handler: &Handler<String>, request: ApiRequest) {
        let asked = Asked {
            name: request.name().to_owned(),
            argument: request.argument().to_owned(),
            uuid: None,
            variables: Vec::new(),
        };
        let number = self.channels.next_serial();
        self.asked.insert(number, request);
        handler.call(asked, Respond::api(&self.replies, number));
    }

    /// Runs an api command of the user's inside of another one: a reply that comes later is none.
    pub(crate) fn ask_now(&mut self, handler: &Handler<String>, command: &str, argument: &str) -> String {
        let asked = Asked {
            name: command.to_owned(),
            argument: argument.to_owned(),
            uuid: None,
            variables: Vec::new(),
        };
        let replies = self.replies.apart();
        handler.call(asked, Respond::api(&replies, 0));
        match replies.take().pop() {
            Some((_, Reply::Api(text))) => text,
            _ => String::new(),
        }
    }

    /// Takes the replies that came. What waited for one may be gone.
    pub(super) fn take_replies(&mut self) {
        for (ticket, reply) in self.replies.take() {
            match (ticket, reply) {
                (Ticket::Api(number), Reply::Api(text)) => {
                    if let Some(request) = self.asked.remove(&number) {
                        self.api_reply(request, &text);
                    }
                }
                (Ticket::Application(channel, serial), Reply::Application(done)) => {
                    self.application_gave(channel, serial, done);
                }
                (Ticket::Endpoint(channel), Reply::Endpoint(endpoint)) => self.behave(channel, &endpoint),
                _ => {}
            }
        }
    }

    fn application_gave(&mut self, id: u64, serial: u64, done: Done) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        if !channel.stack.iter().any(|running| running.serial == serial) {
            return;
        }
        for (name, value) in &done.variables {
            channel.variables.set(name, value);
        }
        if let Some(text) = &done.response {
            channel.variables.set("current_application_response", text);
        }
        if let Some(cause) = &done.hangup {
            return self.hang_up(id, crate::channel::cause_named(cause));
        }
        self.ends_after(id, serial, done.time);
        self.work.push_back(Work::Step(id));
    }
}
