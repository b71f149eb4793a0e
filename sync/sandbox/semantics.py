"""In: the choices of whoever starts a sandbox.

Out: one checked description of how it behaves where the API's documents are silent.
Never here: the behaviour itself, HTTP, the stored book, a guess at which semantics the real API has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Literal, get_args

from sync.sandbox.others import Others
from sync.sandbox.phones import Form

Edit = Literal["replace", "patch"]
Search = Literal["substring", "prefix", "token", "token_prefix", "phrase", "phrase_prefix"]
Case = Literal["folded", "english", "turkish", "plain", "exact"]
PhoneStored = Literal["as_sent", Form]
PhoneIndexed = Literal["as_stored", "digits", Form]
PhoneKey = Literal["literal", "normalised"]
Reformat = Literal["trimmed", "upper", "titled", "lower_email", "iso_dates", "cut", "dropped_email"]
GroupsOnAdd = Literal["all", "first", "none"]
Members = Literal["own", "with_children"]
Order = Literal["id", "newest", "name"]
EmptyPage = Literal["465", "list"]
Ids = Literal["number", "text"]
Single = Literal["list", "bare"]
Empty = Literal["list", "object", "text", "null", "absent"]
Http = Literal["code", "always_200"]

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "edit": get_args(Edit),
    "search": get_args(Search),
    "case": get_args(Case),
    "phone_stored": ("as_sent", *get_args(Form)),
    "phone_indexed": ("as_stored", "digits", *get_args(Form)),
    "phone_key": get_args(PhoneKey),
    "values": get_args(Reformat),
    "groups_on_add": get_args(GroupsOnAdd),
    "group_counts": get_args(Members),
    "group_lists": get_args(Members),
    "order": get_args(Order),
    "empty_page": get_args(EmptyPage),
    "ids": get_args(Ids),
    "single": get_args(Single),
    "empty": get_args(Empty),
    "http": get_args(Http),
}
"""Semantics → the words that it may be; `values` takes any number of them."""


@dataclass(frozen=True, slots=True)
class Semantics:
    """How the sandbox behaves where the API's documents are silent. `others` and both lags are off by default.

    Attributes:
        edit: "replace": what an edit omits is cleared; "patch": it is kept. In both, `groups` that are sent are the
            whole list, and a custom field that is sent empty is cleared. Under "patch" each custom field counts for
            itself: one that is not in the list is kept (an empty list therefore clears nothing).
        search: what a key has to be of gsm, name, surname or e-mail. "substring": any part; "prefix": its beginning;
            "token": a whole word (a run of letters and digits, so `+`, `@` and blanks stand between words);
            "token_prefix": the beginning of a word; "phrase": the key is cut into words, too, and they have to follow
            one another; "phrase_prefix": a phrase of which the last word has only begun.
        case: which letters are one letter. "folded": large and small ones, and I, İ, ı and i together; "english":
            large and small ones by English rules (İ is not i); "turkish": by Turkish ones (I is ı, İ is i); "plain":
            as folded, and ç is c, ş is s …; "exact": none.
        phone_stored: the form in which Turkish numbers that an add or edit sends are stored and shown. Contacts that
            were loaded stay as they are, so that a book can hold several forms.
        phone_indexed: the text of a number that search looks at, whatever is shown.
        phone_key: "normalised": a key that reads as a full Turkish number also finds the contacts with that number in
            any form.
        values: what happens to values that an add or edit sends, see `values.stored`.
        groups_on_add: what an add in JSON that sends several groups stores (contract, Unknown 5).
        group_counts: whether a main group's count includes its children's contacts, each counted once.
        group_lists: whether a main group's listing does.
        order: of listings and search results: "id" ascending, "newest" (id descending), or "name" (then surname, id).
        empty_page: what answers a search, or a page of a group, that has no contact: code 465, or an empty list.
        lag_writes: how many later writes it takes until search sees an add or edit; a deleted contact is gone at once.
        lag_seconds: how many seconds it takes; what is indexed has seen both. Group listings never lag.
        others: the writes of another client.
        ids: how ids are written in JSON.
        single: how a list of one arrives in JSON.
        empty: how an empty list arrives in JSON; in XML "absent" leaves the element out.
        http: the HTTP status: that of the body, or 200 with every answer.

    Raises:
        ValueError: an unknown word, or a lag below 0.
    """

    edit: Edit = "replace"
    search: Search = "substring"
    case: Case = "folded"
    phone_stored: PhoneStored = "as_sent"
    phone_indexed: PhoneIndexed = "as_stored"
    phone_key: PhoneKey = "literal"
    values: tuple[Reformat, ...] = ()
    groups_on_add: GroupsOnAdd = "all"
    group_counts: Members = "own"
    group_lists: Members = "own"
    order: Order = "id"
    empty_page: EmptyPage = "465"
    lag_writes: int = 0
    lag_seconds: float = 0.0
    others: Others = field(default_factory=Others)
    ids: Ids = "number"
    single: Single = "list"
    empty: Empty = "list"
    http: Http = "code"

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self) if each.name in WORDS):
            given = getattr(self, name)
            for word in given if name == "values" else (given,):
                if word not in WORDS[name]:
                    raise ValueError(f"{name} semantics are {' or '.join(WORDS[name])}, not {word}")
        if self.lag_writes < 0 or self.lag_seconds < 0:
            raise ValueError("a lag is 0 or more")
