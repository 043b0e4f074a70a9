"""How the threads of supervised connections wake the event loop."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import Protocol

from .. import _native


class Owner(Protocol):
    """What is told when the mailbox has been opened."""

    def _rung(self) -> None: ...


def watch(loop: asyncio.AbstractEventLoop, mailbox: _native.Mailbox, owner: Owner) -> Callable[[], None]:
    """Has the loop open the mailbox; what is returned ends that. The owner is not kept alive by it."""
    known = weakref.ref(owner)

    def rung() -> None:
        mailbox.open()
        owner = known()
        if owner is not None:
            owner._rung()

    def unwatch() -> None:
        # (Also from a destructor, which may run in any thread.)
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: loop.remove_reader(mailbox.fileno()))

    loop.add_reader(mailbox.fileno(), rung)
    return unwatch
