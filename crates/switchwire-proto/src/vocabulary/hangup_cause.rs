use super::word::words;

words! {
    /// Why a channel was hung up: the header `Hangup-Cause`, and what `uuid_kill` and the `hangup` application take.
    ///
    /// Numbers up to 127 are those of Q.850; the others are FreeSWITCH's own.
    pub enum HangupCause {
        None = 0, "NONE", "No cause: not hung up yet.";
        UnallocatedNumber = 1, "UNALLOCATED_NUMBER", "The number is not assigned.";
        NoRouteTransitNet = 2, "NO_ROUTE_TRANSIT_NET", "No way to the network on the way.";
        NoRouteDestination = 3, "NO_ROUTE_DESTINATION", "No way to the number: the dialplan has nothing for it.";
        ChannelUnacceptable = 6, "CHANNEL_UNACCEPTABLE", "The line chosen cannot be used.";
        CallAwardedDelivered = 7, "CALL_AWARDED_DELIVERED", "The call came on a line that is already set up.";
        NormalClearing = 16, "NORMAL_CLEARING", "One side hung up: the usual end.";
        UserBusy = 17, "USER_BUSY", "The called party is busy.";
        NoUserResponse = 18, "NO_USER_RESPONSE", "The called party's phone gave no response.";
        NoAnswer = 19, "NO_ANSWER", "It rang and was not answered in time.";
        SubscriberAbsent = 20, "SUBSCRIBER_ABSENT", "The user is unknown or cannot be reached.";
        CallRejected = 21, "CALL_REJECTED", "The called party refused.";
        NumberChanged = 22, "NUMBER_CHANGED", "The called party has another number now.";
        RedirectionToNewDestination = 23, "REDIRECTION_TO_NEW_DESTINATION", "The call is to go elsewhere.";
        ExchangeRoutingError = 25, "EXCHANGE_ROUTING_ERROR", "The network sent it round in circles.";
        DestinationOutOfOrder = 27, "DESTINATION_OUT_OF_ORDER", "The destination does not work; also a dial string that cannot be read.";
        InvalidNumberFormat = 28, "INVALID_NUMBER_FORMAT", "The number is incomplete or malformed.";
        FacilityRejected = 29, "FACILITY_REJECTED", "A service asked for was refused.";
        ResponseToStatusEnquiry = 30, "RESPONSE_TO_STATUS_ENQUIRY", "A reply to a status enquiry.";
        NormalUnspecified = 31, "NORMAL_UNSPECIFIED", "A usual end that nothing else describes.";
        NormalCircuitCongestion = 34, "NORMAL_CIRCUIT_CONGESTION", "No line is free.";
        NetworkOutOfOrder = 38, "NETWORK_OUT_OF_ORDER", "The network is down.";
        NormalTemporaryFailure = 41, "NORMAL_TEMPORARY_FAILURE", "A failure that will pass.";
        SwitchCongestion = 42, "SWITCH_CONGESTION", "A switch on the way is overloaded.";
        AccessInfoDiscarded = 43, "ACCESS_INFO_DISCARDED", "The network could not pass information on.";
        RequestedChanUnavail = 44, "REQUESTED_CHAN_UNAVAIL", "The line asked for is not available.";
        PreEmpted = 45, "PRE_EMPTED", "A call of higher priority took the line.";
        FacilityNotSubscribed = 50, "FACILITY_NOT_SUBSCRIBED", "The user has not that service.";
        OutgoingCallBarred = 52, "OUTGOING_CALL_BARRED", "The caller may not make that call.";
        IncomingCallBarred = 54, "INCOMING_CALL_BARRED", "The called party may not take that call.";
        BearercapabilityNotauth = 57, "BEARERCAPABILITY_NOTAUTH", "The user may not use that kind of line.";
        BearercapabilityNotavail = 58, "BEARERCAPABILITY_NOTAVAIL", "That kind of line is not available now.";
        ServiceUnavailable = 63, "SERVICE_UNAVAILABLE", "The service is not available.";
        BearercapabilityNotimpl = 65, "BEARERCAPABILITY_NOTIMPL", "That kind of line is not supported.";
        ChanNotImplemented = 66, "CHAN_NOT_IMPLEMENTED", "That kind of channel is not supported: an unknown endpoint.";
        FacilityNotImplemented = 69, "FACILITY_NOT_IMPLEMENTED", "That service is not supported.";
        ServiceNotImplemented = 79, "SERVICE_NOT_IMPLEMENTED", "That option is not supported.";
        InvalidCallReference = 81, "INVALID_CALL_REFERENCE", "No call has that reference.";
        IncompatibleDestination = 88, "INCOMPATIBLE_DESTINATION", "No codec is common to both ends.";
        InvalidMsgUnspecified = 95, "INVALID_MSG_UNSPECIFIED", "An invalid message.";
        MandatoryIeMissing = 96, "MANDATORY_IE_MISSING", "A message lacked what it must have.";
        MessageTypeNonexist = 97, "MESSAGE_TYPE_NONEXIST", "A message of an unknown kind.";
        WrongMessage = 98, "WRONG_MESSAGE", "A message that does not fit.";
        IeNonexist = 99, "IE_NONEXIST", "A message with an unknown element.";
        InvalidIeContents = 100, "INVALID_IE_CONTENTS", "A message with an invalid element.";
        WrongCallState = 101, "WRONG_CALL_STATE", "A message that does not fit the call's state.";
        RecoveryOnTimerExpire = 102, "RECOVERY_ON_TIMER_EXPIRE", "No response came in time.";
        MandatoryIeLengthError = 103, "MANDATORY_IE_LENGTH_ERROR", "A message with an element of wrong length.";
        ProtocolError = 111, "PROTOCOL_ERROR", "A fault of the protocol.";
        Interworking = 127, "INTERWORKING", "A network on the way gave no cause.";
        Success = 142, "SUCCESS", "It worked: not an end.";
        OriginatorCancel = 487, "ORIGINATOR_CANCEL", "The caller hung up before it was answered.";
        Crash = 700, "CRASH", "The server crashed.";
        SystemShutdown = 701, "SYSTEM_SHUTDOWN", "The server was shut down.";
        LoseRace = 702, "LOSE_RACE", "Another leg was answered first.";
        ManagerRequest = 703, "MANAGER_REQUEST", "A command hung it up, e.g. `hupall`.";
        BlindTransfer = 800, "BLIND_TRANSFER", "It was transferred.";
        AttendedTransfer = 801, "ATTENDED_TRANSFER", "It was transferred after a talk.";
        AllottedTimeout = 802, "ALLOTTED_TIMEOUT", "Its time was over: `sched_hangup`.";
        UserChallenge = 803, "USER_CHALLENGE", "The far end asked for authentication.";
        MediaTimeout = 804, "MEDIA_TIMEOUT", "No media came for too long.";
        PickedOff = 805, "PICKED_OFF", "Another phone took the call.";
        UserNotRegistered = 806, "USER_NOT_REGISTERED", "The user is known, but has no phone registered.";
        ProgressTimeout = 807, "PROGRESS_TIMEOUT", "It did not ring in time.";
        InvalidGateway = 808, "INVALID_GATEWAY", "There is no such SIP gateway.";
        GatewayDown = 809, "GATEWAY_DOWN", "The SIP gateway is down.";
        InvalidUrl = 810, "INVALID_URL", "The address is malformed.";
        InvalidProfile = 811, "INVALID_PROFILE", "There is no such SIP profile.";
        NoPickup = 812, "NO_PICKUP", "There was no call to pick up.";
        SrtpReadError = 813, "SRTP_READ_ERROR", "Encrypted media could not be read.";
        Bowout = 814, "BOWOUT", "A loopback leg left the call.";
        BusyEverywhere = 815, "BUSY_EVERYWHERE", "Busy everywhere (SIP 600).";
        Decline = 816, "DECLINE", "Refused everywhere (SIP 603).";
        DoesNotExistAnywhere = 817, "DOES_NOT_EXIST_ANYWHERE", "Unknown everywhere (SIP 604).";
        NotAcceptable = 818, "NOT_ACCEPTABLE", "Not acceptable anywhere (SIP 606).";
        Unwanted = 819, "UNWANTED", "An unwanted call (SIP 607).";
        NoIdentity = 820, "NO_IDENTITY", "No verified identity came with the call (SIP 428).";
        BadIdentityInfo = 821, "BAD_IDENTITY_INFO", "The identity's certificate could not be had (SIP 429).";
        UnsupportedCertificate = 822, "UNSUPPORTED_CERTIFICATE", "The identity's certificate is not accepted (SIP 437).";
        InvalidIdentity = 823, "INVALID_IDENTITY", "The identity is not valid (SIP 438).";
        StaleDate = 824, "STALE_DATE", "The identity is too old (SIP 403).";
        RejectAll = 825, "REJECT_ALL", "Refused for all destinations.";
    }
}

/// The highest number of Q.850.
const LAST_OF_Q850: u16 = 127;

impl HangupCause {
    /// The Q.850 number that the server reports in `variable_hangup_cause_q850`: the number itself, or 16 (normal
    /// clearing) for a cause of FreeSWITCH's own or one that is not in the table.
    #[must_use]
    pub fn q850(&self) -> u16 {
        self.number().filter(|number| *number <= LAST_OF_Q850).unwrap_or(16)
    }

    /// Reads a cause as the server's commands do: a name in any letter case, or a number. `None` for anything else
    /// (`uuid_kill` then hangs up with `NORMAL_CLEARING`).
    #[must_use]
    pub fn from_argument(word: &str) -> Option<Self> {
        match word.parse() {
            Ok(number) => Self::from_number(number),
            Err(_) => Self::from_name(word),
        }
    }
}
