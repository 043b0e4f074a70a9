"""What a typed reader costs beside the plain look-up of its header, on every event of a recording that has it.

``python readers.py RECORDING``; a line per reader: its name, and nanoseconds of look-up and reader. The loop itself is taken
off. A reader that makes a time is compared with the look-up and making it by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from switchwire import Event

ROUNDS = 40

READERS = {
    "hangup_cause": "Hangup-Cause",
    "channel_state": "Channel-State",
    "call_state": "Channel-Call-State",
    "answer_state": "Answer-State",
    "call_direction": "Call-Direction",
    "application_response": "Application-Response",
    "caller.caller_id_number": "Caller-Caller-ID-Number",
    "caller.destination_number": "Caller-Destination-Number",
    "variable('channel_name')": "variable_channel_name",
}
"""The expression on an event, and its header."""

TIMES = {
    "time": "Event-Date-Timestamp",
    "time_created": "Caller-Channel-Created-Time",
    "time_hung_up": "Caller-Channel-Hangup-Time",
}

BY_HAND = "datetime.fromtimestamp(int(text) / 1e6, utc) if (text := event.get({!r})) and text != '0' else None"


def recorded(path: str) -> list[Event]:
    data = Path(path).read_bytes()
    events = []
    at = 0
    while (end := data.find(b"\n\n", at)) >= 0:
        head = dict(line.split(b": ", 1) for line in data[at:end].strip().split(b"\n") if b": " in line)
        length = int(head.get(b"Content-Length", b"0"))
        body = data[end + 2 : end + 2 + length]
        if head.get(b"Content-Type") == b"text/event-plain":
            events.append(Event.from_plain(body.decode("utf-8", "surrogateescape")))
        at = end + 2 + length
    return events


def loop(expression: str) -> Callable[[list[Event]], None]:
    """A function that evaluates the expression for each event, compiled so that no call comes in between."""
    names: dict[str, Any] = {"datetime": datetime, "utc": timezone.utc}
    exec(f"def run(events):\n for event in events:\n  {expression}\n", names)
    run: Callable[[list[Event]], None] = names["run"]
    return run


def cost(run: Callable[[list[Event]], None], events: list[Event]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter_ns()
        run(events)
        best = min(best, perf_counter_ns() - start)
    return best / len(events)


def main() -> None:
    events = recorded(sys.argv[1])
    empty = cost(loop("event"), events)
    plains = {reader: (header, f"event.get({header!r})") for reader, header in READERS.items()}
    plains.update({reader: (header, BY_HAND.format(header)) for reader, header in TIMES.items()})
    for reader, (header, plain) in plains.items():
        those = [event for event in events if header in event]
        # Enough of them for the clock.
        those *= 1 + 2000 // len(those)
        nanoseconds = [cost(loop(read), those) - empty for read in (plain, f"event.{reader}")]
        print(reader, *(f"{time:.1f}" for time in nanoseconds), sep="\t")


if __name__ == "__main__":
    main()
