"""In: the book, how it is served, a method and its request.

Out: the status code and the payload, neutral of the wire format; the book, changed.
Never here: JSON, XML, sockets, faults.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from sync.sandbox.index import Index
from sync.sandbox.nodes import MalformedError
from sync.sandbox.others import OtherClient
from sync.sandbox.phones import in_form, national_digits
from sync.sandbox.records import StoredContact, StoredGroup
from sync.sandbox.replies import BlacklistPage, Contacts, GroupName, Groups, GroupView, Payload
from sync.sandbox.requests import TEXT_FIELDS, Body, Request
from sync.sandbox.semantics import Semantics
from sync.sandbox.state import BookState
from sync.sandbox.values import stored

Item = TypeVar("Item")

MIN_KEY_LENGTH: Final = 3  # contract, Methods: a shorter key is answered 471
SEVERAL: Final = 2

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


class Account:
    """A book that is served: with its index, under its semantics, and with another client at work in it.

    Args:
        state: the book.
        semantics: how it behaves.
        monotonic: the clock by which search sees a write, in seconds.
    """

    def __init__(self, state: BookState, semantics: Semantics, monotonic: Callable[[], float]) -> None:
        self.state = state
        self.semantics = semantics
        with state.lock:
            self.index = Index(state, semantics, monotonic)
        self.other = OtherClient(state, semantics.others, partial(_as_stored, semantics))

    def answer(self, method: str, request: Request) -> Answer:
        """Carries `request` out and returns the answer; the book changes only if the code is 200.

        What is looked at first decides the code: the credentials (401), the method (404), the shape (400), then what
        each method says below.
        """
        if not self.state.admits(request.key, request.hash):
            return Answer(401)
        if method not in HANDLERS:
            return Answer(404)
        try:
            body = request.body_for(method)
        except MalformedError:
            return Answer(400)
        contact_id = body.id or None if method in _ABOUT_A_CONTACT else None
        if method == "add-contact" and request.wire == "json":
            body = _with_groups_taken(self.semantics, body)
        with self.state.lock:
            self.other.before(method)
            self.index.catch_up()
            try:
                payload = HANDLERS[method](self, body)
            except RefusalError as refusal:
                return Answer(refusal.code, contact_id=contact_id)
            finally:
                self.index.catch_up()
        if isinstance(payload, StoredContact):
            contact_id = payload.id
        return Answer(200, payload, contact_id)


def _search_contacts(account: Account, body: Body) -> Payload:
    if len(body.key) < MIN_KEY_LENGTH:
        raise RefusalError(471)
    return _contact_page(account, account.index.search(body.key), body)


def _add_contact(account: Account, body: Body) -> Payload:
    # A number or an address that is already there is no reason to refuse (contract, Unknown 4).
    return account.state.add_contact(_checked(account, StoredContact(0), body))


def _edit_contact(account: Account, body: Body) -> Payload:
    before = _contact(account.state, body.id)
    # Under "replace", whatever was not sent is what an empty contact has.
    base = before if account.semantics.edit == "patch" else StoredContact(before.id)
    edited = _checked(account, base, body, before)
    account.state.put_contact(edited)
    return edited


def _get_contact(account: Account, body: Body) -> Payload:
    return _contact(account.state, body.id)


def _delete_contact(account: Account, body: Body) -> None:
    account.state.delete_contact(_contact(account.state, body.id).id)


def _get_groups(account: Account, _: Body) -> Payload:
    return Groups([_view(account, group) for group in account.state.groups.values() if group.parent is None])


def _get_group(account: Account, body: Body) -> Payload:
    return _view(account, _group(account.state, body.id, code=463))


def _get_group_contacts(account: Account, body: Body) -> Payload:
    group = _group(account.state, body.id, code=463)
    return _contact_page(account, account.index.listed(group.id), body)


def _add_group(account: Account, body: Body) -> Payload:
    _check_group_name(body)
    _check_parent(account.state, body)
    group = account.state.add_group(body.name, body.parent)
    return GroupName(group.id, group.name)


def _edit_group(account: Account, body: Body) -> Payload:
    state = account.state
    group = _group(state, body.id, code=462)
    _check_group_name(body)
    _check_parent(state, body)
    if body.parent is not None and (body.parent == group.id or state.children_of(group.id)):
        raise RefusalError(463)  # there is no third level
    state.put_group(StoredGroup(group.id, body.name, body.parent))
    return GroupName(group.id, body.name)


def _delete_group(account: Account, body: Body) -> None:
    # Its children go with it and its contacts stay, outside of it: the documents do not say (contract, Unknown 11).
    account.state.delete_group(_group(account.state, body.id, code=463).id)


def _get_blacklist(account: Account, body: Body) -> Payload:
    numbers = [
        each.number
        for each in account.state.blacklist
        if body.period is None or body.period[0] <= each.added <= body.period[1]
    ]
    # 465 is not among this method's codes: a page past the end is empty.
    return BlacklistPage(len(numbers), _page(numbers, body))


def _with_groups_taken(semantics: Semantics, body: Body) -> Body:
    """Returns an add as the server reads it where its JSON holds several groups (contract, Unknown 5)."""
    if semantics.groups_on_add == "all" or len(body.groups or ()) < SEVERAL:
        return body
    return replace(body, groups=(body.groups or ())[: semantics.groups_on_add == "first"])


def _as_stored(semantics: Semantics, contact: StoredContact) -> StoredContact:
    """Returns a contact with its texts as the server stores them."""
    return replace(
        contact,
        name=stored(semantics, "name", contact.name),
        surname=stored(semantics, "surname", contact.surname),
        email=stored(semantics, "email", contact.email),
        gsm=stored(semantics, "gsm", contact.gsm),
    )


def _checked(account: Account, base: StoredContact, body: Body, before: StoredContact | None = None) -> StoredContact:
    """Returns `base` with what `body` sends laid over it, as it is to be stored.

    A number or an address that the contact had `before` is let in again, whatever it looks like.
    """
    sent = dict(body.custom_fields or ())
    if not any(body.texts.get(name, getattr(base, name)).strip() for name in TEXT_FIELDS):
        raise RefusalError(472)
    _check_text(body, before, "gsm", 466, partial(_is_number, account.semantics))
    _check_text(body, before, "email", 422, _is_address)
    if len(sent) != len(body.custom_fields or ()):
        raise RefusalError(422)  # two values for one custom field: either would be a guess
    if not account.state.custom_fields.issuperset(sent):
        raise RefusalError(473)
    groups = base.groups if body.groups is None else tuple(dict.fromkeys(body.groups))
    if not account.state.groups.keys() >= set(groups):
        raise RefusalError(463)
    texts = {name: stored(account.semantics, name, text) for name, text in body.texts.items()}
    custom = {field: stored(account.semantics, "custom", value) for field, value in sent.items()}
    return replace(
        base,
        **{name: texts.get(name, getattr(base, name)) for name in TEXT_FIELDS},
        custom_fields={field: value for field, value in {**base.custom_fields, **custom}.items() if value},
        groups=groups,
    )


def _check_text(body: Body, before: StoredContact | None, name: str, code: int, fits: Callable[[str], bool]) -> None:
    text = body.texts.get(name, "")
    if text and text != (before and getattr(before, name)) and not fits(text):
        raise RefusalError(code)


def _is_number(semantics: Semantics, text: str) -> bool:
    # What the server shows it also lets in, separators included.
    shown = semantics.phone_stored == "spaced" and national_digits(text) and in_form(text, "spaced") == text
    return bool(_GSM.fullmatch(text) or shown)


def _is_address(text: str) -> bool:
    return text.count("@") == 1


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


def _view(account: Account, group: StoredGroup) -> GroupView:
    children = account.state.children_of(group.id)
    views = [GroupView(child.id, child.name, account.index.count(child.id)) for child in children]
    return GroupView(group.id, group.name, account.index.count(group.id), views)


def _contact_page(account: Account, found: Sequence[int], body: Body) -> Contacts:
    page = _page(found, body)
    if not page and account.semantics.empty_page == "465":
        raise RefusalError(465)
    return Contacts([account.state.contacts[number] for number in page])


def _page(items: Sequence[Item], body: Body) -> Sequence[Item]:
    if body.page < 1:
        raise RefusalError(464)
    return items[(body.page - 1) * body.rows : body.page * body.rows]


_ABOUT_A_CONTACT: Final = frozenset({"edit-contact", "get-contact", "delete-contact"})

HANDLERS: Final[dict[str, Callable[[Account, Body], Payload | None]]] = {
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
