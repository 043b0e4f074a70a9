"""The classic event socket module, for programs written for python-ESL.

The same names, arguments and returns; see the README for what differs (crashes and busy loops do). New programs
may like `switchwire` better.
"""

from switchwire._native import ArgumentError, ESLconnection, ESLevent, eslSetLogLevel

__all__ = [
    "ArgumentError",
    "ESLconnection",
    "ESLconnection_swigregister",
    "ESLevent",
    "ESLevent_swigregister",
    "eslSetLogLevel",
]


def ESLconnection_swigregister(cls: type) -> None:
    """Does nothing; here for programs that call it."""


def ESLevent_swigregister(cls: type) -> None:
    """Does nothing; here for programs that call it."""
