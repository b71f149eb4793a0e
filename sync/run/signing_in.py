"""Tries credentials, and finds the account that they belong to among those that are known.

What enters: a Context with credentials that nobody has tried. What leaves: what they open.
What never happens here: a write; credentials bound to an account that was not recognised; what fails remembered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sync import canonical
from sync.errors import Gone, Refused, UsageError
from sync.remote import Client
from sync.run.context import Context
from sync.runs import RunFile
from sync.runs.sample import sample

_LOOKED_AT = 8  # contacts of an account
_ENOUGH = 0.5  # of them that have to be there still; one with the same id and key in another account is no accident
_ACCOUNTS = 5


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What credentials open.

    Attributes:
        kind: the account was known by them; they were bound to a known one; or it is new here.
        groups: how many the account has.
        looked, found: so many remembered contacts were asked for, and were there.
    """

    kind: Literal["known", "bound", "new"]
    groups: int
    looked: int = 0
    found: int = 0


async def sign_in(context: Context) -> SignedIn:
    """Asks for the account's groups, and where the credentials are new for some contacts that earlier runs knew.

    Raises:
        NotAuthorised, WrongAddress, Unreachable: as every read; the credentials are then as unknown as before.
    """
    state, url, given = context.state, context.api.base_url, context.credentials
    client = Client(
        context.api,
        given,
        clock=context.clock,
        chance=context.chance,
        pace=context.pace,
        line=context.line,
        progress=context.progress,
        stop=context.stop,
    )
    looked = 0
    async with client:
        groups = sum(1 for main in await client.groups() for _ in main.family())
        if state.is_known(url, given):
            return SignedIn("known", groups)
        for account, contacts in _candidates(context):
            found = [await _is_there(client, number, key) for number, key in contacts]
            looked += len(found)
            if sum(found) >= max(1, _ENOUGH * len(found)):
                state.bind(url, given, account)
                return SignedIn("bound", groups, len(found), sum(found))
    state.account(url, given)
    return SignedIn("new", groups, looked)


def _candidates(context: Context) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The known accounts at this address, those used last first, each with a sample of its contacts."""
    seen: set[str] = set()
    for path in context.state.run_paths():
        if len(seen) == _ACCOUNTS:
            return
        try:
            run_file = RunFile.open(path, look=True)
        except UsageError:
            continue  # a damaged file tells nothing
        meta = run_file.meta
        try:
            if meta.account in seen or meta.base_url != context.api.base_url or not meta.applied_at:
                continue
            if contacts := list(sample(run_file, _LOOKED_AT)):
                seen.add(meta.account)
                yield meta.account, contacts
        finally:
            run_file.close()


async def _is_there(client: Client, number: int, key: str) -> bool:
    try:
        contact = await client.get(number)
    except (Gone, Refused):
        return False
    return key in {canonical.of_key("gsm", contact.gsm), canonical.of_key("email", contact.email), str(number)}
