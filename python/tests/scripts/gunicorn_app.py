"""A web application with a connection for each worker process, and one that the master made before the fork."""

import os

import switchwire

host, port, password = os.environ["FREESWITCH"].split(" ")
before = switchwire.connect(host, int(port), password)
own = None


def connect() -> None:
    """For gunicorn's `post_fork`."""
    global own
    own = switchwire.connect(host, int(port), password)


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        before.api("status")
    except switchwire.ForkedError as error:
        refused = type(error).__name__
    return [f"{own.api('eval', 'hello')} {refused}".encode()]
