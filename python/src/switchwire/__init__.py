"""Control FreeSWITCH over its event socket.

    import switchwire

    with switchwire.connect("127.0.0.1", 8021, "ClueCon") as fs:
        print(fs.api("status"))
        fs.subscribe("CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE")
        for event in fs:
            print(event.name, event["Unique-ID"])

In scope: the blocking `Connection` and `Listener`, `ManagedConnection` (comes back when it is lost) and `Fleet` (many
servers as one), `switchwire.aio` (the same for asyncio), `switchwire.testing` (a
simulated FreeSWITCH, and pytest fixtures). The module `ESL` is the classic interface on the same engine.
"""

from collections.abc import Mapping as _Mapping

from ._native import CallerProfile, CallLeg, DialString, Event, Leg, LingerNotice, LogRecord, Reply, __version__
from ._options import Options
from ._subscription import Custom, Subscription
from .connection import Connection, connect
from .errors import (
    AuthenticationError,
    ConnectError,
    DisconnectedError,
    ForkedError,
    HangupError,
    InvalidArgumentError,
    LimitExceededError,
    NotFreeSwitchError,
    NotSubscribedError,
    OutcomeUnknownError,
    ProtocolError,
    RefusedError,
    RejectedByAclError,
    ResolveError,
    SwitchwireError,
    SystemCallError,
    WaitTimeoutError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import headers, variables
    from .call import Call
    from .calls import Calls, Change
    from .conference import Conference, ConferenceEvent, ConferenceInfo
    from .consumer import Consumer
    from .event_type import EventName, EventType
    from .fleet import Fleet, FleetItem, FleetServer, Health, HealthLimits, Pick, Removed, ServerResult
    from .job import Executed, Job
    from .listener import Listener
    from .managed import (
        Backoff,
        Connected,
        GaveUp,
        Lease,
        Liveness,
        Lost,
        ManagedConnection,
        ManagedStatus,
        Restored,
        ServerInfo,
        StreamItem,
        Target,
    )
    from .originating import Originating
    from .outcomes import (
        BridgeOutcome,
        DigitsOutcome,
        DigitsReceived,
        DoneOutcome,
        Dtmf,
        PlaybackOutcome,
        RecordOutcome,
    )
    from .vocabulary import (
        AnswerState,
        CallDirection,
        CallState,
        ChannelState,
        ConferenceAction,
        HangupCause,
        SayGender,
        SayMethod,
        SayType,
    )

_Mapping.register(Event)

_LATER = {
    "AnswerState": "vocabulary",
    "BridgeOutcome": "outcomes",
    "Call": "call",
    "CallDirection": "vocabulary",
    "CallState": "vocabulary",
    "Calls": "calls",
    "Change": "calls",
    "ChannelState": "vocabulary",
    "Conference": "conference",
    "ConferenceAction": "vocabulary",
    "ConferenceEvent": "conference",
    "ConferenceInfo": "conference",
    "Consumer": "consumer",
    "DigitsOutcome": "outcomes",
    "DigitsReceived": "outcomes",
    "DoneOutcome": "outcomes",
    "Dtmf": "outcomes",
    "EventName": "event_type",
    "EventType": "event_type",
    "Executed": "job",
    "HangupCause": "vocabulary",
    "Job": "job",
    "Listener": "listener",
    "Originating": "originating",
    "PlaybackOutcome": "outcomes",
    "RecordOutcome": "outcomes",
    "SayGender": "vocabulary",
    "SayMethod": "vocabulary",
    "SayType": "vocabulary",
    "Backoff": "managed",
    "Connected": "managed",
    "GaveUp": "managed",
    "Lease": "managed",
    "Liveness": "managed",
    "Lost": "managed",
    "ManagedConnection": "managed",
    "ManagedStatus": "managed",
    "Restored": "managed",
    "ServerInfo": "managed",
    "StreamItem": "managed",
    "Target": "managed",
    "Fleet": "fleet",
    "FleetItem": "fleet",
    "FleetServer": "fleet",
    "Health": "fleet",
    "HealthLimits": "fleet",
    "Pick": "fleet",
    "Removed": "fleet",
    "ServerResult": "fleet",
    "headers": "headers",
    "variables": "variables",
}
"""Names that are imported when they are first used, and their modules: what many programs do without."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f".{_LATER[name]}", __name__)
    found = module if name == _LATER[name] else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__all__ = [
    "AnswerState",
    "AuthenticationError",
    "Backoff",
    "BridgeOutcome",
    "Call",
    "CallDirection",
    "CallLeg",
    "CallState",
    "CallerProfile",
    "Calls",
    "Change",
    "ChannelState",
    "Conference",
    "ConferenceAction",
    "ConferenceEvent",
    "ConferenceInfo",
    "ConnectError",
    "Connected",
    "Connection",
    "Consumer",
    "Custom",
    "DialString",
    "DigitsOutcome",
    "DigitsReceived",
    "DisconnectedError",
    "DoneOutcome",
    "Dtmf",
    "Event",
    "EventName",
    "EventType",
    "Executed",
    "Fleet",
    "FleetItem",
    "FleetServer",
    "ForkedError",
    "GaveUp",
    "HangupCause",
    "HangupError",
    "Health",
    "HealthLimits",
    "InvalidArgumentError",
    "Job",
    "Lease",
    "Leg",
    "LimitExceededError",
    "LingerNotice",
    "Listener",
    "Liveness",
    "LogRecord",
    "Lost",
    "ManagedConnection",
    "ManagedStatus",
    "NotFreeSwitchError",
    "NotSubscribedError",
    "Options",
    "Originating",
    "OutcomeUnknownError",
    "Pick",
    "PlaybackOutcome",
    "ProtocolError",
    "RecordOutcome",
    "RefusedError",
    "RejectedByAclError",
    "Removed",
    "Reply",
    "ResolveError",
    "Restored",
    "SayGender",
    "SayMethod",
    "SayType",
    "ServerInfo",
    "ServerResult",
    "StreamItem",
    "Subscription",
    "SwitchwireError",
    "SystemCallError",
    "Target",
    "WaitTimeoutError",
    "__version__",
    "connect",
    "headers",
    "variables",
]
