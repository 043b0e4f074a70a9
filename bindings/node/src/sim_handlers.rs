//! The simulator's handlers that are JavaScript functions: what is asked waits in a queue, JavaScript is woken, and its
//! reply comes back by number.

use std::collections::HashMap;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Function, Object};
use napi_derive::napi;
use parking_lot::Mutex;
use switchwire_sim::{Asked, Done, Endpoint, Given, Respond};

use crate::error::{Result, invalid};
use crate::options::milliseconds;
use crate::wake::Wake;

/// What a handler is told; `id` is what its reply needs.
#[napi(object)]
pub struct NativeAsked {
    pub id: u32,
    /// Which handler.
    pub key: String,
    pub name: String,
    pub argument: String,
    pub uuid: Option<String>,
    pub variables: HashMap<String, String>,
}

/// See `Done` in `testing.d.ts`.
#[napi(object)]
#[derive(Default)]
pub struct NativeDone {
    pub variables: Option<HashMap<String, String>>,
    pub response: Option<String>,
    pub lasts: Option<f64>,
    pub hangup: Option<String>,
}

/// See `Endpoint` in `testing.d.ts`.
#[napi(object)]
#[derive(Default)]
pub struct NativeEndpoint {
    pub ring: Option<f64>,
    pub early_media: Option<f64>,
    pub no_answer: Option<bool>,
    pub cause: Option<String>,
    pub dtmf: Option<Vec<NativeDigits>>,
    pub hangup: Option<NativeHangup>,
}

#[napi(object)]
pub struct NativeDigits {
    pub after: f64,
    pub digits: String,
}

#[napi(object)]
pub struct NativeHangup {
    pub after: f64,
    pub cause: Option<String>,
}

impl NativeDone {
    fn build(&self) -> Result<Done> {
        let variables = self.variables.iter().flatten();
        let mut done = variables.fold(Done::new(), |done, (name, value)| done.set(name, value));
        if let Some(text) = &self.response {
            done = done.response(text);
        }
        if let Some(time) = self.lasts {
            done = done.lasts(milliseconds("lasts", time)?);
        }
        if let Some(cause) = &self.hangup {
            done = done.hangup(cause);
        }
        Ok(done)
    }
}

impl NativeEndpoint {
    pub(crate) fn build(&self) -> Result<Endpoint> {
        let mut endpoint = match &self.cause {
            Some(cause) => Endpoint::fails(cause),
            None if self.no_answer == Some(true) => Endpoint::no_answer(),
            None => Endpoint::answers(),
        };
        if let Some(time) = self.ring {
            endpoint = endpoint.ring(milliseconds("ring", time)?);
        }
        if let Some(after) = self.early_media {
            endpoint = endpoint.early_media(milliseconds("earlyMedia", after)?);
        }
        for NativeDigits { after, digits } in self.dtmf.iter().flatten() {
            endpoint = endpoint.dtmf(milliseconds("after", *after)?, digits);
        }
        if let Some(NativeHangup { after, cause }) = &self.hangup {
            let cause = cause.as_deref().unwrap_or("NORMAL_CLEARING");
            endpoint = endpoint.hangs_up(milliseconds("after", *after)?, cause);
        }
        Ok(endpoint)
    }
}

/// What waits for JavaScript's reply.
enum Waiting {
    Api(Respond<String>),
    Application(Respond<Done>),
    Endpoint(Respond<Endpoint>),
}

/// What was asked and not taken yet, and what was taken and has no reply.
#[derive(Default)]
struct Desk {
    asked: Vec<NativeAsked>,
    waiting: HashMap<u32, Waiting>,
    last: u32,
}

/// One simulator's handlers.
#[napi]
pub struct NativeHandlers {
    desk: Arc<Mutex<Desk>>,
    wake: Arc<Wake>,
}

#[napi]
impl NativeHandlers {
    /// `wake` is called on this thread when there is something to take.
    #[napi(constructor)]
    pub fn new(env: &Env, wake: Function<'_, (), ()>, resource: Object<'_>) -> napi::Result<Self> {
        Ok(Self { desk: Arc::default(), wake: Arc::new(Wake::new(env, &wake, &resource)?) })
    }

    /// Everything that was asked.
    #[napi]
    pub fn take(&self) -> Vec<NativeAsked> {
        std::mem::take(&mut self.desk.lock().asked)
    }

    /// A handler's reply: one of the three. Without any, the simulator does as if there were none.
    #[napi]
    pub fn reply(
        &self,
        id: u32,
        text: Option<String>,
        done: Option<NativeDone>,
        endpoint: Option<NativeEndpoint>,
    ) -> Result<()> {
        let Some(waiting) = self.desk.lock().waiting.remove(&id) else {
            return Err(invalid("this was replied to already"));
        };
        match (waiting, text, done, endpoint) {
            (Waiting::Api(respond), Some(text), ..) => respond.send(text),
            (Waiting::Application(respond), _, Some(done), _) => respond.send(done.build()?),
            (Waiting::Endpoint(respond), .., Some(endpoint)) => respond.send(endpoint.build()?),
            _ => {}
        }
        Ok(())
    }
}

impl NativeHandlers {
    pub(crate) fn api(&self, key: String) -> impl Fn(Asked, Respond<String>) + Send + Sync + use<> {
        self.handler(key, Waiting::Api)
    }

    pub(crate) fn application(&self, key: String) -> impl Fn(Asked, Respond<Done>) + Send + Sync + use<> {
        self.handler(key, Waiting::Application)
    }

    pub(crate) fn endpoint(&self, key: String) -> impl Fn(Asked, Respond<Endpoint>) + Send + Sync + use<> {
        self.handler(key, Waiting::Endpoint)
    }

    fn handler<T: Given>(
        &self,
        key: String,
        waiting: fn(Respond<T>) -> Waiting,
    ) -> impl Fn(Asked, Respond<T>) + Send + Sync + use<T> {
        let (desk, wake) = (Arc::clone(&self.desk), Arc::clone(&self.wake));
        move |asked, respond| {
            let mut desk = desk.lock();
            desk.last = desk.last.wrapping_add(1);
            let id = desk.last;
            desk.waiting.insert(id, waiting(respond));
            let Asked { name, argument, uuid, variables, .. } = asked;
            let variables = variables.into_iter().collect();
            desk.asked.push(NativeAsked { id, key: key.clone(), name, argument, uuid, variables });
            drop(desk);
            wake.call();
        }
    }
}
