"""The address book over HTTP, and the book as read through it."""

from sync.remote.blacklist import read_blacklist
from sync.remote.client import Client
from sync.remote.examining import Examination, examine
from sync.remote.outage import Line
from sync.remote.pace import Pace
from sync.remote.reading import read_book
from sync.remote.slots import LONGEST_SILENCE
from sync.remote.transport import checked_base_url, proxy_host

__all__ = [
    "LONGEST_SILENCE",
    "Client",
    "Examination",
    "Line",
    "Pace",
    "checked_base_url",
    "examine",
    "proxy_host",
    "read_blacklist",
    "read_book",
]
