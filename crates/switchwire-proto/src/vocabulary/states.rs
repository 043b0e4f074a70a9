use super::word::words;

words! {
    /// The state of a channel's state machine: the header `Channel-State`.
    pub enum ChannelState {
        New = 0, "CS_NEW", "Just made.";
        Init = 1, "CS_INIT", "Being set up.";
        Routing = 2, "CS_ROUTING", "Looking for what to do in the dialplan.";
        SoftExecute = 3, "CS_SOFT_EXECUTE", "Under the control of another channel.";
        Execute = 4, "CS_EXECUTE", "Running applications.";
        ExchangeMedia = 5, "CS_EXCHANGE_MEDIA", "Bridged: another channel runs the bridge.";
        Park = 6, "CS_PARK", "Parked.";
        ConsumeMedia = 7, "CS_CONSUME_MEDIA", "Dialled: media is taken and dropped.";
        Hibernate = 8, "CS_HIBERNATE", "Asleep, waiting for a change of state.";
        Reset = 9, "CS_RESET", "Between two states.";
        Hangup = 10, "CS_HANGUP", "Hung up.";
        Reporting = 11, "CS_REPORTING", "Writing its records.";
        Destroy = 12, "CS_DESTROY", "Gone.";
        None = 13, "CS_NONE", "No state: the channel is not running yet.";
    }
}

impl ChannelState {
    /// Whether the channel has been hung up (`CS_HANGUP`, `CS_REPORTING`, `CS_DESTROY`).
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Hangup | Self::Reporting | Self::Destroy)
    }
}

words! {
    /// The state of a call: the header `Channel-Call-State`.
    pub enum CallState {
        Down = 0, "DOWN", "Not begun.";
        Dialing = 1, "DIALING", "Being dialled.";
        Ringing = 2, "RINGING", "Ringing.";
        Early = 3, "EARLY", "Not answered, with media.";
        Active = 4, "ACTIVE", "Answered.";
        Held = 5, "HELD", "On hold.";
        RingWait = 6, "RING_WAIT", "Answered, and waiting for the other leg to be answered.";
        Hangup = 7, "HANGUP", "Hung up.";
        Unheld = 8, "UNHELD", "Just taken off hold.";
    }
}

words! {
    /// How far a call is answered: the header `Answer-State`.
    pub enum AnswerState {
        Ringing = 0, "ringing", "Not answered.";
        Early = 1, "early", "Not answered, with media.";
        Answered = 2, "answered", "Answered.";
        Hangup = 3, "hangup", "Hung up.";
    }
}

words! {
    /// Which way a leg goes, as the server sees it: the header `Call-Direction`.
    pub enum CallDirection {
        Inbound = 0, "inbound", "It came to the server.";
        Outbound = 1, "outbound", "The server made it.";
    }
}
