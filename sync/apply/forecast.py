"""How many requests carrying out a plan takes.

What enters: a plan's counts, the settings, the rate. What leaves: a forecast. What never happens here: a request.
"""

from datetime import datetime

from sync.apply.sending import EDITS_TO_CHECK, ApplySettings
from sync.change import Forecast


def forecast(
    *, adds: int, edits: int, now: datetime, settings: ApplySettings, rate: float, deletes: int = 0
) -> Forecast:
    """What an apply that begins now sends.

    The first edits and deletes are each preceded by a read, the first add of each unproven key is searched for; and
    what is sent long after the book was read is looked at again first.
    """
    writes = adds + edits + deletes
    # Those that are under way together are all checked.
    checks = sum(min(count, max(EDITS_TO_CHECK, settings.workers)) for count in (edits, deletes))
    proofs = min(adds, len(settings.unproven))
    fresh_for = (settings.read_at + settings.stale_after - now).total_seconds()
    fresh = min(writes, max(0, int(fresh_for * rate) - checks - proofs))
    read_anyway = checks if fresh else 0  # what is late is read again in any case, and counted there
    return Forecast(writes, read_anyway + proofs + writes - fresh, rate)
