"""Prints log lines of a level and worse: HOST PORT PASSWORD LEVEL [HOW MANY]."""

import logging
import sys

import switchwire


class Printer(logging.Handler):
    """The server's lines come to Python's logging, as any library's."""

    printed = 0

    def emit(self, record: logging.LogRecord) -> None:
        line = record.freeswitch  # the line as the server sent it
        print(line.level_name, f"{line.file}:{line.line}", line.text.rstrip())
        self.printed += 1


host, port, password, level, *rest = sys.argv[1:]
most = int(rest[0]) if rest else None
printer = Printer()
logger = logging.getLogger("switchwire.freeswitch")
logger.setLevel(logging.DEBUG)
logger.addHandler(printer)
with switchwire.connect(host, int(port), password) as fs:
    fs.log(int(level))
    while printer.printed != most:
        fs.recv(0.1)
