"""The faults, the moments at which they come, and what is done then: the words of docs/faults.md.

What enters: the sandbox's list of what can go wrong. What leaves: cells, each one fault at one moment.
What never happens here: a claim without a test; `test_every_cell.py` carries out every cell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sync.sandbox.faults import FAULTS as RATED


@dataclass(frozen=True)
class Moment:
    """Which request meets the fault.

    Attributes:
        phase: of the command: plan, apply or undo.
        method: of the request; `number` of them later, from 1.
        about: "old": a contact that was there before the run, "new": one that it has added; "": any.
        after: a method of which a request, the `after_number` of the phase, has lost its answer before.
        carried_out: whether that one was carried out.
        writes: whether the request changes the book.
    """

    phase: str
    method: str
    number: int = 1
    about: str = ""
    after: str = ""
    after_number: int = 0
    carried_out: bool = True
    writes: bool = False


GROUPS, PAGE, SEARCH = "reading the groups", "reading a page of a group", "searching for a row"
NEW_GROUP, ADD, SETTLE = "adding a group", "adding a contact", "searching for an add that may have happened"
LOOK, BEFORE_EDIT, EDIT = (
    "looking whether an answer showed all",
    "reading a contact before its edit",
    "editing a contact",
)
READ_BACK, DELETE = "reading back an edit that may have happened", "deleting a contact (undo)"

MOMENTS: Mapping[str, Moment] = {
    GROUPS: Moment("plan", "get-groups"),
    PAGE: Moment("plan", "get-group-contacts"),
    SEARCH: Moment("plan", "search-contacts"),
    NEW_GROUP: Moment("apply", "add-group", writes=True),
    ADD: Moment("apply", "add-contact", 2, writes=True),
    SETTLE: Moment("apply", "search-contacts", after="add-contact", after_number=3),
    LOOK: Moment("apply", "get-contact", about="new"),
    BEFORE_EDIT: Moment("apply", "get-contact", about="old"),
    EDIT: Moment("apply", "edit-contact", writes=True),
    READ_BACK: Moment("apply", "get-contact", about="old", after="edit-contact", after_number=2, carried_out=False),
    DELETE: Moment("undo", "delete-contact", writes=True),
}

# What was refused because of the row itself is not sent again before the row changes.
ROWS_OWN = ("422", "466", "472")
CODES: Mapping[str, str] = {
    "400": "The API answers 400: it cannot read the request",
    "404": "The API answers 404: no such method",
    "422": "The API answers 422: values not valid",
    "461": "The API answers 461: no name of the group",
    "463": "The API answers 463: no such group",
    "465": "The API answers 465: no such contact",
    "466": "The API answers 466: invalid number",
    "472": "The API answers 472: an empty contact",
    "473": "The API answers 473: no such custom field",
}
_CODES_OF_ALL = ("400", "404", "422", "463", "465")
_MORE_CODES = {ADD: ("466", "472", "473"), EDIT: ("466", "472", "473"), NEW_GROUP: ("461",)}

_PUSHED_BACK = ("too_many", "too_many_bare", "too_many_dated", "unavailable", "unavailable_in_body")
ABOUT: Mapping[str, str] = {
    **{fault.name: fault.about for fault in RATED},
    "silent_before": "No answer within the time-out, nothing done",
    "silent_after": "Carried out, and no answer within the time-out",
    "no_connection": "The connection is refused",
    "outage_hang_up": "In an outage: hung up on",
    "outage_unavailable": "In an outage: 503",
    "unauthorised": "The API answers 401",
    "redirect": "The server redirects elsewhere",
    **CODES,
}
_STOPS = ("unauthorised", "redirect", "404")


def passes(fault: str) -> bool:
    """Whether a run that meets this once at any moment comes to the end to which it would have come without."""
    return fault not in _STOPS and fault not in CODES


def comes(fault: str, moment: str) -> bool:
    """Whether the fault is one of its own at this moment: where nothing is written, before and after are one."""
    if fault in CODES:
        return fault in _CODES_OF_ALL or fault in _MORE_CODES.get(moment, ())
    return MOMENTS[moment].writes or not (fault.endswith("_after") or fault == "late_write")


def cells() -> Iterator[tuple[str, str]]:
    """Every fault at every moment at which it can come."""
    return ((fault, moment) for moment in MOMENTS for fault in ABOUT if comes(fault, moment))


_SETTLED = {
    NEW_GROUP: "reads the groups: takes the new one, or sends it again",
    ADD: "searches with growing waits: adopts the contact, or sends it again once its absence is certain",
    EDIT: "reads the contact back, and sends the edit again where it did not happen",
    DELETE: "looks whether the contact is there, and deletes it again where it is",
}
_REFUSED = {
    GROUPS: "the command ends, nothing was written (exit 6)",
    PAGE: "the command ends, nothing was written (exit 6)",
    SEARCH: "other searches have to show the contact; without them its absence is not certain, and it is not added",
    NEW_GROUP: "the run stops before its rows; resume goes on",
    ADD: "the row has failed, the others go on",
    SETTLE: "the row stays unresolved, the next sync finds out",
    LOOK: "goes on: the answer itself counts",
    BEFORE_EDIT: "the row has failed, nothing was sent; the others go on",
    EDIT: "the row has failed, the others go on",
    READ_BACK: "the row stays unresolved, the next sync finds out",
    DELETE: "the row has failed, the others go on",
}
_GONE = {
    PAGE: "the page is empty; whom it did not show is searched for",
    SEARCH: "nobody is found by this search",
    SETTLE: "nobody is found by this search; the next ones decide",
    ADD: "a conflict is told, the others go on",
    BEFORE_EDIT: "a conflict is told: the contact is gone; the others go on",
    EDIT: "a conflict is told: the contact is gone; the others go on",
    READ_BACK: "a conflict is told: the contact is gone; the others go on",
    DELETE: "the contact is gone already: unchanged",
}


def does(fault: str, moment: str) -> str:
    """What the tool does."""
    if fault == "unauthorised":
        return "stops at once, nothing more is sent (exit 5); resume, or the same command, goes on"
    if fault == "redirect":
        unsure = ", what was sent counts as unsure" if MOMENTS[moment].writes else ""
        return f"does not follow it and stops (exit 2){unsure}; resume, or the same command, goes on"
    if fault == "404":
        return "stops at once (exit 2); resume, or the same command, goes on"
    if fault == "465" and moment in _GONE:
        return _GONE[moment]
    if fault in CODES:
        later = " next night, too, until it changes" if fault in ROWS_OWN and moment in (ADD, EDIT, BEFORE_EDIT) else ""
        return _REFUSED[moment] + (f"; held{later}" if later else "")
    if fault == "slow":
        return "waits; the answer counts"
    if fault in _PUSHED_BACK or fault == "outage_unavailable":
        return "sends it again after a wait"
    if fault == "no_connection":
        return "sends it again after a wait"
    return _SETTLED[moment] if MOMENTS[moment].writes else "asks again after a wait"
