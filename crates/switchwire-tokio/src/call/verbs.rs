//! The verbs: an application each, waited for.

use std::time::Duration;

use switchwire::Result;
use switchwire::application::{
    Application, AttendedTransfer, Bridge, BridgeOutcome, Conference, DigitsOutcome, DoneOutcome, Eavesdrop,
    Fifo, Named, PlayAndGetDigits, Playback, PlaybackOutcome, Read, Record, RecordOutcome, Say, Set, Sleep,
    Speak, ValetPark,
};
use switchwire::dial::DialString;

use super::Call;

/// What each of these returns as an error is said at [`Call::run`].
#[expect(clippy::missing_errors_doc, reason = "the errors are those of run, said once above")]
impl Call {
    /// `answer`: answers the call.
    pub async fn answer(&self) -> Result<()> {
        self.run(Named::new("answer")).await.map(drop)
    }

    /// `pre_answer`: early media, so that the caller hears what is played without an answer.
    pub async fn pre_answer(&self) -> Result<()> {
        self.run(Named::new("pre_answer")).await.map(drop)
    }

    /// `ring_ready`: the caller hears ringing.
    pub async fn ring_ready(&self) -> Result<()> {
        self.run(Named::new("ring_ready")).await.map(drop)
    }

    /// `playback`: plays a file, a tone or a stream to its end; says why it ended.
    pub async fn playback(&self, source: impl Into<String>) -> Result<PlaybackOutcome> {
        self.run(Playback::new(source)).await
    }

    /// `play_and_get_digits`: plays a prompt and collects digits; says which, and why it stopped.
    pub async fn play_and_get_digits(&self, ask: PlayAndGetDigits) -> Result<DigitsOutcome> {
        self.run(ask).await
    }

    /// `read`: plays a prompt and collects digits once; says which, and why it stopped.
    pub async fn read(&self, read: Read) -> Result<DigitsOutcome> {
        self.run(read).await
    }

    /// `say`: says a number, a date or letters with recorded words.
    pub async fn say(&self, say: Say) -> Result<PlaybackOutcome> {
        self.run(say).await
    }

    /// `speak`: has a speech engine say a text.
    pub async fn speak(&self, speak: Speak) -> Result<PlaybackOutcome> {
        self.run(speak).await
    }

    /// `record`: records the caller; says how long, and why it ended. A hang-up is one of the ends.
    pub async fn record(&self, record: Record) -> Result<RecordOutcome> {
        self.run(record).await
    }

    /// `bridge`: dials, and connects the call with the leg that is answered, until one of them hangs up; says what came
    /// of it. A hang-up of this call is one of the ends.
    pub async fn bridge(&self, dial: impl Into<DialString>) -> Result<BridgeOutcome> {
        self.run(Bridge::new(dial)).await
    }

    /// `att_xfer`: an attended transfer of the partner that this leg is bridged to.
    pub async fn attended_transfer(&self, dial: impl Into<DialString>) -> Result<DoneOutcome> {
        self.run(AttendedTransfer::new(dial)).await
    }

    /// `conference`: joins a conference, until the call leaves it.
    pub async fn conference(&self, conference: Conference) -> Result<DoneOutcome> {
        self.run(conference).await
    }

    /// `fifo`: waits in a queue and talks, or takes a call out of it and talks.
    pub async fn fifo(&self, fifo: Fifo) -> Result<DoneOutcome> {
        self.run(fifo).await
    }

    /// `valet_park`: parks in a stall until taken out, or takes the call that is parked there and talks.
    pub async fn valet_park(&self, park: ValetPark) -> Result<DoneOutcome> {
        self.run(park).await
    }

    /// `eavesdrop`: listens to the call of that uuid until it ends, `all` to one after the other.
    pub async fn eavesdrop(&self, uuid: impl Into<String>) -> Result<DoneOutcome> {
        self.run(Eavesdrop::new(uuid)).await
    }

    /// `sleep`: waits on the server. Digits that come meanwhile are kept for the next application.
    pub async fn sleep(&self, time: Duration) -> Result<()> {
        let milliseconds = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        self.run(Sleep::new(milliseconds)).await.map(drop)
    }

    /// Has the server run an application when the call is answered (the variable `execute_on_answer`).
    pub async fn execute_on_answer(&self, application: &(dyn Application + Sync)) -> Result<()> {
        let (name, argument) = (application.name(), application.argument()?);
        let both = if argument.is_empty() { name.to_owned() } else { format!("{name} {argument}") };
        self.run(Set::new("execute_on_answer", both)).await.map(drop)
    }

    /// Any application, by name; waits for its end.
    pub async fn execute(&self, application: &str, argument: &str) -> Result<DoneOutcome> {
        self.run(Named::with(application, argument)).await
    }
}
