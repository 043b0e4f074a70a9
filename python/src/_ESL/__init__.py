"""For programs that import the extension module of python-ESL by its name."""

from ESL import ESLconnection, ESLconnection_swigregister, ESLevent, ESLevent_swigregister, eslSetLogLevel

__all__ = [
    "ESLconnection",
    "ESLconnection_swigregister",
    "ESLevent",
    "ESLevent_swigregister",
    "eslSetLogLevel",
]
