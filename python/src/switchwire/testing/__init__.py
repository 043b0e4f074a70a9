"""A simulated FreeSWITCH for the tests of your own programs: no server needed.

    from switchwire.testing import Simulator

    with Simulator() as fs:
        connection = switchwire.connect(*fs.address, fs.password)

With pytest, the fixture `fs_server` is such a simulator, fresh for each test.
"""

from .simulator import Asked, Done, Endpoint, Faults, Simulator, User

__all__ = ["Asked", "Done", "Endpoint", "Faults", "Simulator", "User"]
