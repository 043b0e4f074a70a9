"""How the verbs of a call and of a conference run: here they wait. `switchwire.aio` has the same to await."""

from __future__ import annotations

from typing import TypeVar

from . import _native
from ._native import ConferenceVerb, Verb
from ._options import Timeout

_T = TypeVar("_T")


class CallRuns:
    """A call that does a verb."""

    _native: _native.Call

    def _run(self, verb: Verb[_T], timeout: Timeout | None) -> _T:
        return self._native.run(verb, timeout)


class ConferenceRuns:
    """A conference that does a verb."""

    _native: _native.Conference

    def _run(self, verb: ConferenceVerb[_T], timeout: Timeout | None) -> _T:
        return self._native.run(verb, timeout)
