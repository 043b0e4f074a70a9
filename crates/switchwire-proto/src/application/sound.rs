use super::write::{check, file, name, rest, word};
use super::{Application, DialError, Outcome, PlaybackOutcome, RecordOutcome, TypedApplication};
use crate::Event;
use crate::vocabulary::{SayGender, SayMethod, SayType};

/// `playback`: plays a file, a tone or a stream. `playback_terminators` says which keys end it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Playback {
    files: Vec<String>,
}

impl Playback {
    /// Plays one source: a file (`ivr/welcome.wav`), `tone_stream://…`, `silence_stream://…`.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self { files: vec![source.into()] }
    }

    /// Plays files one after the other (`file_string://a!b`).
    #[must_use]
    pub fn files<File: Into<String>>(files: impl IntoIterator<Item = File>) -> Self {
        Self { files: files.into_iter().map(Into::into).collect() }
    }
}

impl Application for Playback {
    fn name(&self) -> &str {
        "playback"
    }

    fn argument(&self) -> Result<String, DialError> {
        let files: Vec<_> = self.files.iter().map(|source| file(source)).collect::<Result<_, _>>()?;
        match files[..] {
            [] => Err(DialError::Empty { what: "list of files" }),
            [one] => rest("file", one),
            _ => rest("files", &format!("file_string://{}", files.join("!"))),
        }
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        PlaybackOutcome::VARIABLES.map(str::to_owned).to_vec()
    }
}

impl TypedApplication for Playback {
    type Outcome = PlaybackOutcome;

    fn read_outcome(&self, complete: &Event) -> PlaybackOutcome {
        PlaybackOutcome::read(complete, true)
    }
}

/// `record`: records the caller until a key, silence or the limit ends it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    file: String,
    limit: Option<u32>,
    silence: Option<(u32, u32)>,
}

impl Record {
    /// Records to a file.
    #[must_use]
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), limit: None, silence: None }
    }

    /// How many seconds at most.
    #[must_use]
    pub fn limit(mut self, seconds: u32) -> Self {
        self.limit = Some(seconds);
        self
    }

    /// Ends when the level stays below `threshold` for `hits` checks (of a second each, as a rule).
    #[must_use]
    pub fn silence(mut self, threshold: u32, hits: u32) -> Self {
        self.silence = Some((threshold, hits));
        self
    }
}

impl Application for Record {
    fn name(&self) -> &str {
        "record"
    }

    fn argument(&self) -> Result<String, DialError> {
        let path = word("file", file(&self.file)?)?;
        Ok(match (self.limit, self.silence) {
            (None, None) => path,
            (Some(limit), None) => format!("{path} {limit}"),
            // No limit is 0.
            (limit, Some((threshold, hits))) => format!("{path} {} {threshold} {hits}", limit.unwrap_or(0)),
        })
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        RecordOutcome::VARIABLES.map(str::to_owned).to_vec()
    }

    fn ends_with_call(&self) -> bool {
        true
    }
}

impl TypedApplication for Record {
    type Outcome = RecordOutcome;

    fn read_outcome(&self, complete: &Event) -> RecordOutcome {
        RecordOutcome::read(self.limit.is_some_and(|seconds| seconds > 0), complete)
    }
}

/// `record_session`: records the call while other applications run, until it ends or `stop_record_session`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RecordSession {
    pub(super) file: String,
    pub(super) limit: Option<u32>,
}

impl RecordSession {
    /// Records to a file.
    #[must_use]
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), limit: None }
    }

    /// How many seconds at most.
    #[must_use]
    pub fn limit(mut self, seconds: u32) -> Self {
        self.limit = Some(seconds);
        self
    }
}

impl Application for RecordSession {
    fn name(&self) -> &str {
        "record_session"
    }

    fn argument(&self) -> Result<String, DialError> {
        let path = file(&self.file)?;
        // A blank and a plus after it is where the limit begins.
        if path.contains(" +") {
            return Err(DialError::Sequence { what: "file", sequence: " +" });
        }
        let limit = self.limit.map(|seconds| format!(" +{seconds}")).unwrap_or_default();
        Ok(rest("file", path)? + &limit)
    }
}

/// `say`: says a number, a date or letters with recorded words of a language.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Say {
    language: String,
    kind: SayType,
    method: SayMethod,
    gender: Option<SayGender>,
    text: String,
}

impl Say {
    /// Says a text in a language, e.g. `en`.
    #[must_use]
    pub fn new(
        language: impl Into<String>,
        kind: SayType,
        method: SayMethod,
        text: impl Into<String>,
    ) -> Self {
        Self { language: language.into(), kind, method, gender: None, text: text.into() }
    }

    /// The gender of what is counted.
    #[must_use]
    pub fn gender(mut self, gender: SayGender) -> Self {
        self.gender = Some(gender);
        self
    }
}

impl Application for Say {
    fn name(&self) -> &str {
        "say"
    }

    fn argument(&self) -> Result<String, DialError> {
        // `en:en.wav` names the kind of files, too.
        let language: Vec<_> =
            self.language.split(':').map(|part| name("language", part)).collect::<Result<_, _>>()?;
        let mut words = vec![language.join(":")];
        let gender = self.gender.as_ref().map(SayGender::name);
        for word in [Some(self.kind.name()), Some(self.method.name()), gender].into_iter().flatten() {
            if word != SayMethod::NotApplicable.name() {
                name("word of say", word)?;
            }
            words.push(word.to_lowercase());
        }
        words.push(word("text", &self.text)?);
        Ok(words.join(" "))
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        PlaybackOutcome::VARIABLES.map(str::to_owned).to_vec()
    }
}

impl TypedApplication for Say {
    type Outcome = PlaybackOutcome;

    fn read_outcome(&self, complete: &Event) -> PlaybackOutcome {
        PlaybackOutcome::read(complete, false)
    }
}

/// `speak`: has a speech engine say a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Speak {
    engine: String,
    voice: String,
    text: String,
}

impl Speak {
    /// Says a text with a voice of an engine, e.g. `flite` and `kal`.
    #[must_use]
    pub fn new(engine: impl Into<String>, voice: impl Into<String>, text: impl Into<String>) -> Self {
        Self { engine: engine.into(), voice: voice.into(), text: text.into() }
    }
}

impl Application for Speak {
    fn name(&self) -> &str {
        "speak"
    }

    fn argument(&self) -> Result<String, DialError> {
        for (what, field) in [("engine", &self.engine), ("voice", &self.voice), ("text", &self.text)] {
            check(what, field)?;
            // What tells the three apart, and what is taken away then.
            let bad = |character: &char| match character {
                '|' | '\\' => true,
                '\'' => what != "text",
                _ => false,
            };
            if let Some(character) = field.chars().find(bad) {
                return Err(DialError::Character { what, character });
            }
        }
        // One quote stays, two are taken away; a backslash before each keeps them.
        let text = self.text.replace('\'', "\\'");
        rest("text", &format!("{}|{}|{text}", self.engine, self.voice))
    }

    fn outcome(&self, complete: &Event) -> Outcome {
        self.read_outcome(complete).into()
    }

    fn outcome_variables(&self) -> Vec<String> {
        PlaybackOutcome::VARIABLES.map(str::to_owned).to_vec()
    }
}

impl TypedApplication for Speak {
    type Outcome = PlaybackOutcome;

    fn read_outcome(&self, complete: &Event) -> PlaybackOutcome {
        PlaybackOutcome::read(complete, false)
    }
}
