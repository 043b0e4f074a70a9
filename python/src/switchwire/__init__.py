"""Control FreeSWITCH over its event socket.

    import switchwire

    with switchwire.connect("127.0.0.1", 8021, "ClueCon") as fs:
        print(fs.api("status"))
        fs.subscribe("CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE")
        for event in fs:
            print(event.name, event["Unique-ID"])

In scope: the blocking `Connection` and `Listener`, `switchwire.aio` (the same for asyncio), `switchwire.testing` (a
simulated FreeSWITCH, and pytest fixtures). The module `ESL` is the classic interface on the same engine.
"""

from collections.abc import Mapping as _Mapping

from ._native import Event, LingerNotice, LogRecord, Reply, __version__
from ._options import Options
from ._subscription import Subscription
from .connection import Connection, connect
from .consumer import Consumer
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
from .event_type import EventType
from .job import Executed, Job
from .listener import Listener

_Mapping.register(Event)

__all__ = [
    "AuthenticationError",
    "ConnectError",
    "Connection",
    "Consumer",
    "DisconnectedError",
    "Event",
    "EventType",
    "Executed",
    "ForkedError",
    "HangupError",
    "InvalidArgumentError",
    "Job",
    "LimitExceededError",
    "LingerNotice",
    "Listener",
    "LogRecord",
    "NotFreeSwitchError",
    "NotSubscribedError",
    "Options",
    "OutcomeUnknownError",
    "ProtocolError",
    "RefusedError",
    "RejectedByAclError",
    "Reply",
    "ResolveError",
    "Subscription",
    "SwitchwireError",
    "SystemCallError",
    "WaitTimeoutError",
    "__version__",
    "connect",
]
