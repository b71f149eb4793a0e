"""Sheet and Book in, a Plan out. Pure: no I/O, no clock, no chance."""

from sync.diff.blacklist import with_blacklist
from sync.diff.departures import departed_contacts
from sync.diff.drift import drift_breaches
from sync.diff.guards import Breach, breaches
from sync.diff.inverse import Absence, Inverse, Inverter, as_planned, searchable_keys, undo_breaches
from sync.diff.known import identified_contacts, remembered_contacts, to_look_at
from sync.diff.learning import figures
from sync.diff.past import Past
from sync.diff.people import book_duplicates
from sync.diff.plan import make_plan
from sync.diff.remote_only import remote_only
from sync.diff.rows import checked_rows, open_rows, row_keys

__all__ = [
    "Absence",
    "Breach",
    "Inverse",
    "Inverter",
    "Past",
    "as_planned",
    "book_duplicates",
    "breaches",
    "checked_rows",
    "departed_contacts",
    "drift_breaches",
    "figures",
    "identified_contacts",
    "make_plan",
    "open_rows",
    "remembered_contacts",
    "remote_only",
    "row_keys",
    "searchable_keys",
    "to_look_at",
    "undo_breaches",
    "with_blacklist",
]
