"""How many requests carrying out a plan takes.

What enters: a plan's counts, the settings, the rate. What leaves: a forecast. What never happens here: a request.
"""

import math
from datetime import datetime

from sync.apply.sending import EDITS_TO_CHECK, ApplySettings
from sync.change import Forecast

_READ_TOGETHER = 10  # changes for each request, where the book is read again for many; sweeps mostly take fewer


def forecast(
    *, adds: int, edits: int, now: datetime, settings: ApplySettings, rate: float, deletes: int = 0
) -> Forecast:
    """What an apply that begins now sends.

    The first edits are each preceded by a read, and so is every delete (of an undo only the first ones); the first
    write of each kind is read back, the first add of each unproven key is searched for; and for what is sent long after
    the book was read, it is read again first.
    """
    writes = adds + edits + deletes
    checks = min(edits, EDITS_TO_CHECK) + (deletes if settings.reads_deletes else min(deletes, EDITS_TO_CHECK))
    proofs = min(adds, len(settings.unproven))
    fresh_for = (settings.read_at + settings.stale_after - now).total_seconds()
    fresh = min(writes, max(0, int(fresh_for * rate) - checks - proofs))
    read_back = sum(min(count, 1) for count in (adds, edits))
    again = math.ceil((writes - fresh) / _READ_TOGETHER)
    return Forecast(writes, checks + read_back + proofs + again, rate)
