"""Waiting until something is so: with a bound, and a failure that says what was awaited."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable

PATIENCE = 60.0
"""How long one condition may take to come true, in seconds."""


def until(condition: Callable[[], object], seen: Callable[[], object] = lambda: "") -> None:
    """Waits until `condition` is true. Fails with its source, and with what `seen` gives, after a minute."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        check(deadline, condition, seen)
        time.sleep(0.001)


async def until_async(condition: Callable[[], object], seen: Callable[[], object] = lambda: "") -> None:
    """The same for a running event loop."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        check(deadline, condition, seen)
        await asyncio.sleep(0.001)


def check(deadline: float, condition: Callable[[], object], seen: Callable[[], object]) -> None:
    if time.monotonic() > deadline:
        raise AssertionError(f"not so after {PATIENCE} s: {inspect.getsource(condition).strip()} seen: {seen()!r}")
