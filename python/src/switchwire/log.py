"""The server's log lines in Python's `logging`.

After `Connection.log(level)` they come to the logger `switchwire.freeswitch`, whenever the connection is received
from; the record's `freeswitch` attribute is the `LogRecord`.
"""

from __future__ import annotations

import logging

from ._native import LogRecord

logger = logging.getLogger("switchwire")
server_logger = logging.getLogger("switchwire.freeswitch")

_TO_PYTHON = (  # by FreeSWITCH's numbers
    logging.INFO,
    logging.CRITICAL,
    logging.CRITICAL,
    logging.ERROR,
    logging.WARNING,
    logging.INFO,
    logging.INFO,
    logging.DEBUG,
)


def emit(record: LogRecord) -> None:
    """Passes a log line to `logging`."""
    level = _TO_PYTHON[record.level]
    if not server_logger.isEnabledFor(level):
        return
    server_logger.handle(
        server_logger.makeRecord(
            server_logger.name,
            level,
            record.file,
            record.line,
            record.text,
            (),
            None,
            record.function,
            {"freeswitch": record},
        )
    )
