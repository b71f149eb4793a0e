"""In: the book, the semantics, a method and its request.

Out: the status code and the payload, neutral of the wire format; the book, changed.
Never here: JSON, XML, sockets, faults.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from sync.sandbox.nodes import MalformedError
from sync.sandbox.records import StoredContact, StoredGroup
from sync.sandbox.replies import BlacklistPage, Contacts, GroupName, Groups, GroupView, Payload
from sync.sandbox.requests import TEXT_FIELDS, Body, Request
from sync.sandbox.semantics import Semantics
from sync.sandbox.state import BookState

Item = TypeVar("Item")

MIN_KEY_LENGTH: Final = 3  # contract, Methods: a shorter key is answered 471

# What the API takes for a number is not documented; this is what any number in international or local form is.
_GSM: Final = re.compile(r"\+?[0-9]{10,15}")


class RefusalError(Exception):
    """A request that was understood and is answered with another code than 200."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """A status code (contract, Status codes), the payload of a success, and the contact that it was about."""

    code: int
    payload: Payload | None = None
    contact_id: int | None = None


def answer(state: BookState, semantics: Semantics, method: str, request: Request) -> Answer:
    """Carries `request` out and returns the answer; the book changes only if the code is 200.

    What is looked at first decides the code: the credentials (401), the method (404), the shape (400), then what
    each method says below.
    """
    if not state.admits(request.key, request.hash):
        return Answer(401)
    if method not in HANDLERS:
        return Answer(404)
    try:
        body = request.body_for(method)
    except MalformedError:
        return Answer(400)
    contact_id = body.id or None if method in _ABOUT_A_CONTACT else None
    with state.lock:
        try:
            payload = HANDLERS[method](state, semantics, body)
        except RefusalError as refusal:
            return Answer(refusal.code, contact_id=contact_id)
    if isinstance(payload, StoredContact):
        contact_id = payload.id
    return Answer(200, payload, contact_id)


def _search_contacts(state: BookState, semantics: Semantics, body: Body) -> Payload:
    if len(body.key) < MIN_KEY_LENGTH:
        raise RefusalError(471)
    needle = semantics.needle(body.key)
    found = [contact for contact in state.contacts.values() if needle in contact.search_text]
    return Contacts(_filled_page(found, body))


def _add_contact(state: BookState, _: Semantics, body: Body) -> Payload:
    # A number or an address that is already there is no reason to refuse (contract, Unknown 4).
    return state.add_contact(_checked(state, StoredContact(0), body))


def _edit_contact(state: BookState, semantics: Semantics, body: Body) -> Payload:
    stored = _contact(state, body.id)
    # Under "replace", whatever was not sent is what an empty contact has.
    base = stored if semantics.edit == "patch" else StoredContact(stored.id)
    edited = _checked(state, base, body)
    state.put_contact(edited)
    return edited


def _get_contact(state: BookState, _: Semantics, body: Body) -> Payload:
    return _contact(state, body.id)


def _delete_contact(state: BookState, _: Semantics, body: Body) -> None:
    state.delete_contact(_contact(state, body.id).id)


def _get_groups(state: BookState, _: Semantics, __: Body) -> Payload:
    counts = _counts(state)
    return Groups([_view(state, group, counts) for group in state.groups.values() if group.parent is None])


def _get_group(state: BookState, _: Semantics, body: Body) -> Payload:
    return _view(state, _group(state, body.id, code=463), _counts(state))


def _get_group_contacts(state: BookState, _: Semantics, body: Body) -> Payload:
    # Only those directly in it: whether a main group lists its children's contacts is unknown (contract, Unknown 11).
    group = _group(state, body.id, code=463)
    return Contacts(_filled_page([each for each in state.contacts.values() if group.id in each.groups], body))


def _add_group(state: BookState, _: Semantics, body: Body) -> Payload:
    _check_group_name(body)
    _check_parent(state, body)
    group = state.add_group(body.name, body.parent)
    return GroupName(group.id, group.name)


def _edit_group(state: BookState, _: Semantics, body: Body) -> Payload:
    group = _group(state, body.id, code=462)
    _check_group_name(body)
    _check_parent(state, body)
    if body.parent is not None and (body.parent == group.id or state.children_of(group.id)):
        raise RefusalError(463)  # there is no third level
    state.put_group(StoredGroup(group.id, body.name, body.parent))
    return GroupName(group.id, body.name)


def _delete_group(state: BookState, _: Semantics, body: Body) -> None:
    # Its children go with it and its contacts stay, outside of it: the documents do not say (contract, Unknown 11).
    state.delete_group(_group(state, body.id, code=463).id)


def _get_blacklist(state: BookState, _: Semantics, body: Body) -> Payload:
    numbers = [
        each.number for each in state.blacklist if body.period is None or body.period[0] <= each.added <= body.period[1]
    ]
    # 465 is not among this method's codes: a page past the end is empty.
    return BlacklistPage(len(numbers), _page(numbers, body))


def _checked(state: BookState, base: StoredContact, body: Body) -> StoredContact:
    """Returns `base` with what `body` sends laid over it."""
    sent = dict(body.custom_fields or ())
    contact = replace(
        base,
        **{name: body.texts.get(name, getattr(base, name)) for name in TEXT_FIELDS},
        custom_fields={field: value for field, value in {**base.custom_fields, **sent}.items() if value},
        groups=base.groups if body.groups is None else tuple(dict.fromkeys(body.groups)),
    )
    if not any(getattr(contact, name).strip() for name in TEXT_FIELDS):
        raise RefusalError(472)
    if contact.gsm and not _GSM.fullmatch(contact.gsm):
        raise RefusalError(466)
    if contact.email and contact.email.count("@") != 1:
        raise RefusalError(422)
    if len(sent) != len(body.custom_fields or ()):
        raise RefusalError(422)  # two values for one custom field: either would be a guess
    if not state.custom_fields.issuperset(sent):
        raise RefusalError(473)
    if not state.groups.keys() >= set(contact.groups):
        raise RefusalError(463)
    return contact


def _contact(state: BookState, contact_id: int) -> StoredContact:
    if contact_id not in state.contacts:
        raise RefusalError(465)
    return state.contacts[contact_id]


def _group(state: BookState, group_id: int, *, code: int) -> StoredGroup:
    if group_id not in state.groups:
        raise RefusalError(code)
    return state.groups[group_id]


def _check_group_name(body: Body) -> None:
    if not body.name.strip():
        raise RefusalError(461)


def _check_parent(state: BookState, body: Body) -> None:
    if body.parent is not None and _group(state, body.parent, code=463).parent is not None:
        raise RefusalError(463)  # a child cannot have children


def _counts(state: BookState) -> Counter[int]:
    return Counter(group for contact in state.contacts.values() for group in contact.groups)


def _view(state: BookState, group: StoredGroup, counts: Counter[int]) -> GroupView:
    children = [GroupView(child.id, child.name, counts[child.id]) for child in state.children_of(group.id)]
    return GroupView(group.id, group.name, counts[group.id], children)


def _filled_page(items: Sequence[Item], body: Body) -> Sequence[Item]:
    """Returns a page of a listing of contacts, which is never empty: no contact is answered 465."""
    page = _page(items, body)
    if not page:
        raise RefusalError(465)
    return page


def _page(items: Sequence[Item], body: Body) -> Sequence[Item]:
    if body.page < 1:
        raise RefusalError(464)
    return items[(body.page - 1) * body.rows : body.page * body.rows]


_ABOUT_A_CONTACT: Final = frozenset({"edit-contact", "get-contact", "delete-contact"})

HANDLERS: Final[dict[str, Callable[[BookState, Semantics, Body], Payload | None]]] = {
    "search-contacts": _search_contacts,
    "add-contact": _add_contact,
    "edit-contact": _edit_contact,
    "get-contact": _get_contact,
    "delete-contact": _delete_contact,
    "get-groups": _get_groups,
    "get-group": _get_group,
    "get-group-contacts": _get_group_contacts,
    "add-group": _add_group,
    "edit-group": _edit_group,
    "delete-group": _delete_group,
    "get-blacklist": _get_blacklist,
}
