"""Where vectors and recordings are, and how their values are written."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def folders(kind: str, variable: str) -> Iterator[Path]:
    """The project's own folder, and the one that the environment adds."""
    extra = os.environ.get(variable)
    for folder in (ROOT / "tests" / kind, Path(extra) if extra else None):
        if folder is not None and folder.is_dir():
            yield folder


def vectors(kind: str) -> list[Any]:
    """Every vector of that kind."""
    found = []
    for folder in folders("vectors", "SWITCHWIRE_EXTRA_VECTORS"):
        for path in sorted(folder.glob("*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                found += [json.loads(line) for line in lines if line.strip()]
    return [vector for vector in found if vector["kind"] == kind]


def captures() -> list[Path]:
    """Every recording of the server's bytes."""
    found = []
    for folder in folders("captures", "SWITCHWIRE_EXTRA_CAPTURES"):
        found += sorted(folder.glob("*/server.bin"))
    return found


def raw(value: Any) -> bytes | None:
    """The bytes of a vector's value."""
    if value is None:
        return None
    return value.encode() if isinstance(value, str) else base64.b64decode(value["b64"])


def text(value: Any) -> str | None:
    """The value as the classic module gives it."""
    data = raw(value)
    return None if data is None else data.decode("utf-8", "surrogateescape")
