"""Writes the reference of the Python package with pdoc: FOLDER."""

import builtins
import importlib
import pkgutil
import sys
from pathlib import Path

import pdoc
from pdoc.doc_ast import type_checking_sections

import ESL
import switchwire

# What annotations name is imported for type checkers alone, or in the module of a base class: pdoc finds it everywhere.
# (Public modules come first: they import the others in the order that works.)
found = pkgutil.walk_packages(switchwire.__path__, "switchwire.")
waiting = [importlib.import_module(module.name) for module in sorted(found, key=lambda module: "._" in module.name)]
for _ in range(len(waiting) ** 2):
    if not waiting:
        break
    module = waiting.pop(0)
    try:
        exec(compile(type_checking_sections(module), module.__name__, "exec"), vars(module))
    except ImportError:
        # It imports what another module's own part for type checkers brings.
        waiting.append(module)
        continue
    for name, value in list(vars(module).items()):
        if name[0].isupper() and not hasattr(builtins, name):
            setattr(builtins, name, value)

assert not waiting, waiting
pdoc.pdoc(switchwire.__name__, ESL.__name__, output_directory=Path(sys.argv[1]))
