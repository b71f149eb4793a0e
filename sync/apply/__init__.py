"""Changes, an AddressBook and a Journal in; each change carried out and settled."""

from sync.apply.forecast import forecast
from sync.apply.pool import Pool
from sync.apply.sending import STALE_AFTER, ApplySettings, Pending

__all__ = ["STALE_AFTER", "ApplySettings", "Pending", "Pool", "forecast"]
