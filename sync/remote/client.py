"""The API's twelve methods over HTTP, in either wire format.

What enters: nouns. What leaves: nouns, or an error that says what may be done next.
What never happens here: a write sent again while it may already have happened; a secret in an error.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from types import ModuleType, TracebackType
from typing import Any
from urllib.parse import urlsplit

from sync import canonical, lookup, messages
from sync.clock import Clock
from sync.contact import PLAIN_FIELDS, Contact, Group
from sync.errors import CallFailed, Gone, NotAuthorised, NotDone, Refused, Unreachable, Unsure, WrongAddress
from sync.progress import NoProgress, Progress
from sync.pulse import Pulse
from sync.remote import shapes, status, wire_json, wire_xml
from sync.remote.methods import METHODS, MOST_ROWS, Method
from sync.remote.outage import NO_CONNECTION, NO_GOOD_ANSWER, Line, Outage
from sync.remote.pace import Pace
from sync.remote.retry import Retries, TryAgain, http_date, pause_of
from sync.remote.shapes import Blacklist, UnreadableShape
from sync.remote.status import Answer, Verdict
from sync.remote.transport import HttpTransport, NoAnswer, NotConnected, Raw, checked_base_url
from sync.settings import ApiSettings, Credentials

_log = logging.getLogger(__name__)
_RETRIES_WORTH_TELLING = 3
_PROBE = METHODS["get-groups"]  # reads, has no arguments, and every account may call it
_SERVERS_TROUBLE = range(500, 600)

_WIRES: Mapping[str, ModuleType] = {"json": wire_json, "xml": wire_xml}
_READERS: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "contact": shapes.contact,
    "contacts": shapes.contacts,
    "group": shapes.group,
    "groups": shapes.groups,
    "blacklist": shapes.blacklist,
}


class Client:
    """One account's address book.

    Every method may raise NotAuthorised (401) or WrongAddress (404, redirect); reads may raise Unreachable, writes
    NotDone and Unsure; Refused carries the API's code and message.

    Attributes:
        requests: HTTP requests sent, by method, retries included.
        retries: requests that were sent again.
        pulse: the requests by the second in which they were sent.
        forms: the search terms that `find` tries for each key (see `sync.lookup`).
    """

    def __init__(
        self,
        settings: ApiSettings,
        credentials: Credentials,
        *,
        clock: Clock,
        chance: random.Random,
        forms: lookup.Forms | None = None,
        pace: Pace | None = None,
        line: Line | None = None,
        progress: Progress | None = None,
        stop: asyncio.Event | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._wire = _WIRES[settings.wire]
        self._pace = pace or Pace(settings.rate, clock)
        self._transport = HttpTransport(
            checked_base_url(settings.base_url),
            connections=settings.workers,
            timeout=settings.timeout,
            left=self._pace.left,
        )
        self._retries = Retries(attempts=settings.attempts, patience=settings.patience, clock=clock, chance=chance)
        self._clock = clock
        self._host = urlsplit(settings.base_url).netloc
        self._outage = Outage(
            self._host,
            line or Line(),
            patience=settings.patience,
            clock=clock,
            tell=(progress or NoProgress()).tell,
            stop=stop or asyncio.Event(),
        )
        self._stopped: NotAuthorised | WrongAddress | None = None
        self._added: set[int | None] = set()
        self._layouts: dict[str, None] = {}  # in which the server has stored phones that were added
        self.requests: Counter[str] = Counter()
        self.retries = 0
        self.pulse = Pulse()
        self.forms = forms or lookup.Forms()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    # Contacts

    async def search(self, term: str, *, page: int = 1, row_count: int = MOST_ROWS) -> list[Contact]:
        """One page of the contacts in which the term is found, by whatever rules the server has."""
        result: list[Contact] = await self._call("search-contacts", key=term, page=page, rowCount=row_count)
        return result

    async def find(self, key: str, value: str) -> list[Contact]:
        """See `AddressBook.find`."""
        found: dict[int, Contact] = {}
        for term in self.forms.terms(key, value, self._layouts if key == "gsm" else ()):
            async for contact in self.all_pages(term):
                if contact.id is not None and canonical.of_key(key, contact.value(key)) == value:
                    found[contact.id] = contact
        return list(found.values())

    async def all_pages(self, term: str) -> AsyncIterator[Contact]:
        """The contacts in which the term is found, each once, page by page."""
        page, seen = 1, set[int | None]()
        while True:
            contacts = [contact for contact in await self.search(term, page=page) if contact.id not in seen]
            for contact in contacts:
                yield contact
            if len(contacts) < MOST_ROWS:  # the last page, or one that has been met before
                return
            seen |= {contact.id for contact in contacts}
            page += 1

    async def get(self, contact_id: int) -> Contact:
        """See `AddressBook.get`."""
        result: Contact = await self._call("get-contact", id=contact_id)
        if result.id != contact_id:
            raise Unreachable("api_other_contact", asked=contact_id, id=result.id)
        return result

    async def add(self, contact: Contact) -> Contact:
        """See `AddressBook.add`."""
        result: Contact = await self._call("add-contact", **_values(contact))
        if result.id in self._added:
            raise Unsure("api_no_answer", reason=f"an id that was given before: {result.id}")
        self._added.add(result.id)
        if lookup.is_layout(form := lookup.stored_form("gsm", result.gsm)):
            self._layouts[form] = None
        return result

    async def edit(self, contact: Contact) -> Contact:
        """See `AddressBook.edit`."""
        result: Contact = await self._call("edit-contact", id=contact.id, **_values(contact))
        if result.id != contact.id:
            raise Unsure("api_no_answer", reason=f"another contact: {result.id}")
        return result

    async def delete(self, contact_id: int) -> None:
        """Deletes the contact.

        Raises:
            Gone: there is no such contact.
        """
        await self._call("delete-contact", id=contact_id)

    # Groups

    async def groups(self) -> list[Group]:
        """All main groups, their children inside."""
        result: list[Group] = await self._call("get-groups")
        return result

    async def group(self, group_id: int) -> Group:
        """One group."""
        result: Group = await self._call("get-group", id=group_id)
        return result

    async def group_contacts(self, group_id: int, *, page: int = 1, row_count: int = MOST_ROWS) -> list[Contact]:
        """One page of a group's contacts."""
        result: list[Contact] = await self._call("get-group-contacts", id=group_id, page=page, rowCount=row_count)
        return result

    async def add_group(self, name: str, *, parent: int | None = None) -> Group:
        """Adds a main group, or a child of `parent`."""
        result: Group = await self._call("add-group", name=name, parent=parent)
        return result

    async def edit_group(self, group_id: int, name: str, *, parent: int | None) -> Group:
        """Renames or moves a group; the parent is always sent, because leaving it out may change it."""
        result: Group = await self._call("edit-group", id=group_id, name=name, parent=parent)
        return result

    async def delete_group(self, group_id: int) -> None:
        """Deletes a group."""
        await self._call("delete-group", id=group_id)

    async def blacklist(
        self, *, between: tuple[str, str] | None = None, page: int = 1, row_count: int = MOST_ROWS
    ) -> Blacklist:
        """One page of the numbers that must not be messaged; `between` holds texts such as `2024-09-27 01:10:00`."""
        result: Blacklist = await self._call("get-blacklist", filter=between, page=page, rowCount=row_count)
        return result

    # One call

    async def _call(self, name: str, /, **values: Any) -> Any:  # noqa: ANN401 - each method has its own result
        method = METHODS[name]
        try:
            body = self._wire.encode(method, self._credentials, values)
        except ValueError as error:
            raise Refused("api_unsendable", reason=str(error)) from error
        queued, again = 0.0, False

        async def attempt() -> Any:  # noqa: ANN401
            nonlocal queued
            came_at = self._clock.monotonic()
            try:
                await self._turn()
            finally:
                queued += self._clock.monotonic() - came_at
            return await self._exchange(method, body, again=again)

        def on_retry(number: int, trouble: TryAgain) -> None:
            nonlocal again
            again = True
            self.retries += 1
            # One failure is everyday life; the person who watches wants to know when it goes on.
            level = logging.WARNING if number >= _RETRIES_WORTH_TELLING else logging.INFO
            where, of = self._settings.base_url, self._settings.attempts
            facts = {"method": method.name, "url": where, "reason": trouble.reason, "number": number, "of": of}
            _log.log(level, "%s", messages.phrase("log_failed", **facts))

        try:
            return await self._retries.run(attempt, on_retry, queued=lambda: queued)
        except TryAgain as trouble:
            if method.writes:
                raise NotDone("api_not_done", reason=trouble.reason) from trouble
            raise Unreachable("api_unreachable", host=self._host, method=name, reason=trouble.reason) from trouble

    async def _turn(self) -> None:
        """Returns when a request may be sent: the pace has a slot for it, and no outage goes on."""
        while True:
            await self._outage.passed(self._probe)
            await self._pace.wait()
            if not self._outage.goes_on:
                return

    async def _probe(self) -> None:
        """Sends the one request that may be sent during an outage; what comes of it is told to the outage."""
        body, where = self._wire.encode(_PROBE, self._credentials, {}), self._settings.base_url
        await self._pace.wait()
        try:
            await self._exchange(_PROBE, body)
        except TryAgain as trouble:
            _log.info("%s", messages.phrase("log_probe_failed", method=_PROBE.name, url=where, reason=trouble.reason))
        except CallFailed as error:  # an answer, though no good one
            _log.info("%s", messages.phrase("log_probe_refused", method=_PROBE.name, url=where, status=error.status))

    async def _exchange(self, method: Method, body: bytes, *, again: bool = False) -> Any:  # noqa: ANN401
        if self._stopped is not None:  # another request has met it while this one waited for its slot
            raise type(self._stopped)(self._stopped.code, **self._stopped.values)
        self.requests[method.name] += 1
        self.pulse.sent(int(self._clock.now().timestamp()), again=again)
        sent_at = self._clock.monotonic()
        path = f"/{method.name}{self._wire.PATH_SUFFIX}"
        try:
            raw = await self._transport.post(path, body, self._wire.CONTENT_TYPE)
        except NotConnected as error:
            self._outage.failed(error.code, NO_CONNECTION, sent_at)
            raise TryAgain(_in_brackets(error.code)) from error
        except NoAnswer as error:
            if error.timed_out:  # a connection that breaks is one server's or one proxy's whim
                self._outage.failed(error.code, NO_GOOD_ANSWER, sent_at)
            if method.writes:
                raise Unsure("api_no_answer", reason=_in_brackets(error.code)) from error
            raise TryAgain(_in_brackets(error.code)) from error
        return self._judged(method, raw, sent_at)

    def _judged(self, method: Method, raw: Raw, sent_at: float) -> Any:  # noqa: ANN401
        """What a good answer holds; the right error for any other."""
        answer, result = self._read(method, raw)
        reason = f"HTTP {raw.status}" if answer.code is None else str(answer.code)
        pause = self._noted(raw, answer, sent_at)
        match status.verdict(method, answer):
            case Verdict.DONE | Verdict.EMPTY:
                self._pace.answered()
                return result
            case Verdict.RETRY:
                raise TryAgain(reason, pause)
            case Verdict.UNSURE:
                raise Unsure("api_no_answer", status=answer.code, message=answer.message, reason=reason)
            case Verdict.GONE:
                raise Gone("api_contact_gone", status=answer.code, message=answer.message)
            case Verdict.REFUSED:
                assert answer.code is not None, "an unreadable answer is never a refusal"
                raise Refused(status.REFUSALS[answer.code], status=answer.code, message=answer.message)
            case Verdict.NOT_AUTHORISED:
                raise self._stop(NotAuthorised("api_not_authorised", message=answer.message), method, answer)
            case Verdict.WRONG_ADDRESS:
                error = WrongAddress("api_wrong_address", url=self._settings.base_url, reason=reason)
                raise self._stop(error, method, answer)

    def _noted(self, raw: Raw, answer: Answer, sent_at: float) -> float | None:
        """Tells the pace and the outage of an answer; the pause that it asks for."""
        known = raw.status if answer.code is None else answer.code
        now = http_date(raw.headers.get("Date", "")) or self._clock.now()  # by the server's own clock, where it says it
        pause = pause_of(raw.headers.get("Retry-After"), now)
        if known in status.PUSHED_BACK:
            self._pace.pushed_back(pause)
        if known in _SERVERS_TROUBLE:
            self._outage.failed("line_server_trouble", NO_GOOD_ANSWER, sent_at)
        elif answer.code is not None:
            self._outage.answered()
        return pause

    def _stop(
        self, error: NotAuthorised | WrongAddress, method: Method, answer: Answer
    ) -> NotAuthorised | WrongAddress:
        """Lets nothing more be sent. Without a readable answer nobody knows whether a write was carried out first."""
        self._stopped = error
        error.unsure = method.writes and answer.code is None
        return error

    def _read(self, method: Method, raw: Raw) -> tuple[Answer, Any]:
        """The answer's code and what it holds; an answer that says success in a shape nobody knows has no code."""
        result: Any = [] if method.lists else None
        try:
            envelope = shapes.envelope(self._wire.decode(raw.body))
            if envelope.code == status.SUCCESS and method.result != "nothing":
                result = _READERS[method.result](envelope.body)
        except (ValueError, UnreadableShape, RecursionError):  # the last one: lists in lists in lists …
            return Answer(raw.status, None), None
        return Answer(raw.status, envelope.code, self._credentials.redacted(envelope.message)), result


def _in_brackets(code: str) -> str:
    """A reason as it stands inside another sentence."""
    return messages.text(code, {}).rstrip(".")


def _values(contact: Contact) -> dict[str, Any]:
    return {
        **{name: getattr(contact, name) for name in PLAIN_FIELDS},
        "custom_fields": dict(sorted(contact.custom_fields.items())),
        "groups": contact.groups,
    }
