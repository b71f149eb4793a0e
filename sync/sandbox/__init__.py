"""In: requests in the two formats that the address-book API documents, and a book of invented contacts.

Out: the API's answers over HTTP on this machine, a ledger of requests, the book as a JSON file.
Never here: anything imported from the rest of `sync`. The sandbox must be able to disagree with our client.
"""

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
