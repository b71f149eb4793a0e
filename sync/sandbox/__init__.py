"""In: requests in the two formats that the address-book API documents, and a book of invented contacts.

Out: the API's answers over HTTP on this machine, a ledger of requests, the book as a JSON file.
Never here: anything imported from the rest of `sync`. The sandbox must be able to disagree with our client.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.sandbox.faults import FAULTS, Fault, Faults
    from sync.sandbox.ledger import Entry
    from sync.sandbox.others import DEEDS, Others, OthersWrite
    from sync.sandbox.outages import WAYS, Outage
    from sync.sandbox.records import StateError
    from sync.sandbox.semantics import WORDS, Semantics
    from sync.sandbox.server import SandboxServer
    from sync.sandbox.state import BookState

__all__ = [
    "DEEDS",
    "FAULTS",
    "WAYS",
    "WORDS",
    "BookState",
    "Entry",
    "Fault",
    "Faults",
    "Others",
    "OthersWrite",
    "Outage",
    "SandboxServer",
    "Semantics",
    "StateError",
]

# Where each is; it is imported when it is first asked for, so that help waits for no server.
_HOMES = {
    "DEEDS": "sync.sandbox.others",
    "FAULTS": "sync.sandbox.faults",
    "WAYS": "sync.sandbox.outages",
    "WORDS": "sync.sandbox.semantics",
    "BookState": "sync.sandbox.state",
    "Entry": "sync.sandbox.ledger",
    "Fault": "sync.sandbox.faults",
    "Faults": "sync.sandbox.faults",
    "Others": "sync.sandbox.others",
    "OthersWrite": "sync.sandbox.others",
    "Outage": "sync.sandbox.outages",
    "SandboxServer": "sync.sandbox.server",
    "Semantics": "sync.sandbox.semantics",
    "StateError": "sync.sandbox.records",
}

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
