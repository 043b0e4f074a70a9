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
modules = pkgutil.walk_packages(switchwire.__path__, "switchwire.")
for found in sorted(modules, key=lambda found: "._" in found.name):
    module = importlib.import_module(found.name)
    exec(compile(type_checking_sections(module), found.name, "exec"), vars(module))
    for name, value in list(vars(module).items()):
        if name[0].isupper() and not hasattr(builtins, name):
            setattr(builtins, name, value)

pdoc.pdoc(switchwire.__name__, ESL.__name__, output_directory=Path(sys.argv[1]))
