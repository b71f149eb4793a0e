"""What every run works with.

What enters: settings, once weighed. What leaves: a client, an account, a lock. What never happens here: a request.
"""

import asyncio
import random
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from sync import lookup
from sync.clock import Clock
from sync.progress import Progress
from sync.remote import Client, Line, Pace
from sync.runs import Account, StateDirectory
from sync.settings import ApiSettings, Credentials


@dataclass(frozen=True, slots=True)
class Context:
    """What every run works with.

    Attributes:
        stop: set to end the run early: no new request, what is under way is settled.
        pace: of all requests, those of planning and of applying, and those of the account's other commands.
        line: what is known of the way to the API.
        profile: the name by which the credentials were asked for.
        ends_at: when the run is to be stopped, by the monotonic clock; None for never.
    """

    api: ApiSettings
    credentials: Credentials
    state: StateDirectory
    clock: Clock
    chance: random.Random
    progress: Progress
    stop: asyncio.Event
    pace: Pace
    line: Line = field(default_factory=Line)
    ends_at: float | None = None
    profile: str = ""

    @property
    def account(self) -> Account:
        """The account that the credentials open."""
        return self.state.account(self.api.base_url, self.credentials)

    @property
    def time_is_up(self) -> bool:
        """Whether the run is to have stopped by now."""
        return self.ends_at is not None and self.clock.monotonic() >= self.ends_at

    def lock(self, owner: str) -> AbstractContextManager[None]:
        """Holds the account for one run.

        Raises:
            RunRefused: another run holds it.
        """
        return self.account.lock(owner)

    def client(self, forms: lookup.Forms | None = None) -> Client:
        """A client of the API."""
        self.pace.share_through(self.account.folder / "pace")
        return Client(
            self.api,
            self.credentials,
            clock=self.clock,
            chance=self.chance,
            forms=forms,
            pace=self.pace,
            line=self.line,
            progress=self.progress,
            stop=self.stop,
        )
