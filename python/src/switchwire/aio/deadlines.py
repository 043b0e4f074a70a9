"""The time-outs of a connection's commands: one timer for all, as most are answered long before."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import Any

from ..job import timed_out


class Deadlines:
    """When the answers are due, in the order of the commands."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._time = loop.time
        self._ends: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._at = math.inf

    def add(self, future: asyncio.Future[Any], seconds: float) -> None:
        """Fails the future when that time has passed, unless it is done by then."""
        if seconds <= 0:
            self._fail(future)
            return
        end = self._time() + seconds
        self._ends.append((end, future))
        if end < self._at:
            self._arm(end)

    def answered(self, unanswered: int) -> None:
        """Answers have come: what is done is not kept any longer. The timer stays, for the next commands."""
        ends = self._ends
        if not unanswered:
            ends.clear()
        while ends and ends[0][1].done():
            ends.popleft()

    def close(self) -> None:
        """Nothing is due any more."""
        self._ends.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, end: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = end
        self._timer = self._loop.call_at(end, self._passed)

    def _passed(self) -> None:
        self._timer, now, self._at = None, self._at, math.inf
        left = [due for due in self._ends if not due[1].done()]
        self._ends.clear()
        for end, future in left:
            if end <= now:
                self._fail(future)
            else:
                self._ends.append((end, future))
        if self._ends:
            self._arm(min(end for end, _ in self._ends))

    def _fail(self, future: asyncio.Future[Any]) -> None:
        if not future.done():
            future.set_exception(timed_out("the answer to a command", "reply"))
