"""In: where a package's names are defined. Out: the package's `__getattr__`, which imports each when it is asked for.

A command waits only for the parts that it needs: help for none, `check` for nothing that talks to the API.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_attributes(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """The package's module-level `__getattr__` (PEP 562).

    Args:
        package: the package's `__name__`.
        homes: for each name that the package offers the module that defines it.
    """

    def attribute(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return attribute
