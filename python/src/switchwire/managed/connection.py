"""The blocking supervised connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .. import _native
from .._managed_commands import ManagedCommands
from .._options import Timeout
from .._subscription import Filters, Format, Name, Subscription, requested
from ..connection import Connection
from ..errors import SwitchwireError
from .base import Lease, ManagedBase
from .items import StreamItem

_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="ManagedConnection")


class ManagedConnection(ManagedCommands, ManagedBase):
    """A connection to a server that comes back when it is lost.

    It starts to connect and returns at once; the stream begins with `Connected`, or ends with `GaveUp`. Iterating (or
    `recv`) gives in order: `Connected`, events and log lines, `Lost` once all that was received before has been taken,
    `Restored` when the connection is back and subscribed again, and so on. Each item goes to one receiver. Events that
    the server fires during an outage are not seen, which is why each outage is reported, and why `Restored` can carry
    the list of channels.

    Commands go out on the present connection. Nothing is ever sent twice: a command whose reply was lost raises
    `OutcomeUnknownError`, and so do jobs and applications under way. While there is no connection, commands raise
    `DisconnectedError` at once, or wait for `while_down`: they have not been sent then.

    Any number of threads may use it; it has one thread of its own, which ends with `close()`, the end of a `with`
    block, or the object. What the arguments mean: `Target`.
    """

    _current: Connection | None = None

    def recv(self, timeout: Timeout | None = None) -> StreamItem | None:
        """Waits for the next item; `None` when `timeout` has passed, whether the connection is up or not.

        At the end of the stream it raises the reason of `GaveUp`, or `DisconnectedError` after `close`.
        """
        return self._native.recv(timeout)

    def __iter__(self) -> Iterator[StreamItem]:
        return self

    def __next__(self) -> StreamItem:
        try:
            item = self._native.recv()
        except SwitchwireError:
            raise StopIteration from None
        assert item is not None
        return item

    def connection(self) -> Connection:
        """The present connection, for all that it offers beside commands (`call`, `originate`, `calls`, `filter`...).

        It does not come back once it is over: ask again. Receiving on it takes events away from the stream. Raises
        `DisconnectedError` while there is none, and the reason when there will be none.
        """
        current = self._current
        if current is None or not current._is_open():
            current = self._current = Connection(self._native.present())
        return current

    def wait_up(self, timeout: Timeout | None = None) -> Connection:
        """Waits for a connection. `WaitTimeoutError` after `timeout`; the reason when there will be none."""
        handle = self._native.wait_up(timeout)
        if handle is None:
            raise _native.timed_out("connect")
        return Connection(handle)

    def _with(self, call: Callable[[Connection], _T]) -> _T:
        """Runs `call` on the present connection; on the next one where it could not send, if commands wait."""
        tries = self._native.tries()
        while True:
            left = tries.patience
            connection = self.connection() if left is None else self._present(left)
            try:
                return call(connection)
            except SwitchwireError as error:
                if not tries.goes_again(error._unsent, connection._is_open()):
                    raise

    def _present(self, timeout: float) -> Connection:
        if self._current is None or not self._current._is_open():
            self._current = self.wait_up(timeout)
        return self._current

    def subscribe(
        self,
        *names: Name | Subscription,
        custom: str | Iterable[str] = (),
        format: Format = "plain",
        filters: Filters | None = None,
        log: str | int | None = None,
    ) -> Lease:
        """Adds to what the connections are subscribed to, now and after each reconnect, for as long as the lease lives.

        Filters and the log level are the connection's, as on the server: a filter concerns the events of all leases,
        and the most verbose level counts; the format stays that of the first subscription. Waits for the server's reply
        when there is a connection. Raises `RefusedError`, `WaitTimeoutError`; nothing has changed then.
        """
        return Lease(self._native.subscribe(requested(names, custom, format, filters, log)))

    def close(self) -> None:
        """Ends it: closes the connection, wakes every waiter, joins the thread. What has come can still be taken."""
        self._native.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<switchwire.ManagedConnection to {self._name}, {self.status.state}>"
