"""How to reach the API, once all its sources have been weighed.

What enters: values. What leaves: values. What never happens here: reading the environment; showing a secret.
"""

from dataclasses import dataclass, field
from typing import Literal

Wire = Literal["json", "xml"]

BASE_URL = "https://api.iletimerkezi.com/v1"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The API key and hash, both issued by the vendor's panel and passed through unchanged."""

    key: str = field(repr=False)
    hash: str = field(repr=False)

    def redacted(self, text: str) -> str:
        """The text with key and hash masked, for anything that a server sent back."""
        for secret in sorted((self.key, self.hash), key=len, reverse=True):  # one may begin with the other
            if secret:
                text = text.replace(secret, "•••")
        return text


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the API is and how hard it may be asked.

    Attributes:
        base_url: without a trailing slash.
        rate: at most so many requests in any sliding second.
        workers: so many changes are under way at once.
        timeout: seconds for one request, connection and answer together.
        wire: the format of every request.
        settle_after: seconds after which an unsure add that no search shows counts as not done.
        attempts: so many times one request is sent at most.
        patience: seconds after which an outage ends the run, and that one request's retries may take together; waiting
            for a slot or for the end of an outage is not counted as a retry's time.
    """

    base_url: str = BASE_URL
    rate: float = 10.0
    workers: int = 8
    timeout: float = 30.0
    wire: Wire = "json"
    settle_after: float = 60.0
    attempts: int = 8
    patience: float = 300.0
