"""In: texts, each with its place in an order.

Out: the places whose text contains one of some needles, in order.
Never here: what a place or a text means.

The texts stand in chunks, each of which is also one long text: a needle that is rare is looked for in a few hundred
texts instead of in a hundred thousand, and a new text moves its chunk only.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CHUNK: Final = 256  # texts to begin with; a chunk of twice as many is cut in two

Place = tuple[str, str, int]
"""Where a contact stands among others; the last part is its id, or minus its id, so that no two are equal."""


@dataclass(slots=True)
class _Chunk:
    places: list[Place]
    texts: list[str]
    joined: str | None = None  # None: to be joined again

    def may_hold(self, needles: tuple[str, ...]) -> bool:
        """Says whether a needle stands in the chunk; it may still lie across two texts."""
        if self.joined is None:
            self.joined = "".join(self.texts)
        return any(needle in self.joined for needle in needles)

    def found(self, needles: tuple[str, ...]) -> list[Place]:
        pairs = zip(self.places, self.texts, strict=True)
        if len(needles) == 1:
            return [place for place, text in pairs if needles[0] in text]
        return [place for place, text in pairs if any(needle in text for needle in needles)]


class Shelf:
    """Texts in the order of their places.

    Args:
        rows: what it holds at first, in order.
    """

    def __init__(self, rows: Iterable[tuple[Place, str]]) -> None:
        pairs = list(rows)
        starts = range(0, len(pairs), CHUNK) or (0,)
        parts = [pairs[start : start + CHUNK] for start in starts]
        self._chunks = [_Chunk([place for place, _ in part], [text for _, text in part]) for part in parts]
        # The first place of each chunk, but for the first chunk's: what comes before all others belongs there.
        self._starts = [chunk.places[0] for chunk in self._chunks[1:]]
        for chunk in self._chunks:
            chunk.may_hold(())

    def find(self, needles: tuple[str, ...]) -> list[Place]:
        """Returns the places whose text contains at least one of `needles`."""
        return [place for chunk in self._chunks if chunk.may_hold(needles) for place in chunk.found(needles)]

    def put(self, place: Place, text: str) -> None:
        """Adds a text at a place that is free."""
        number = bisect_right(self._starts, place)
        chunk = self._chunks[number]
        at = bisect_left(chunk.places, place)
        chunk.places.insert(at, place)
        chunk.texts.insert(at, text)
        chunk.joined = None
        if len(chunk.places) >= 2 * CHUNK:
            self._chunks.insert(number + 1, _Chunk(chunk.places[CHUNK:], chunk.texts[CHUNK:]))
            self._starts.insert(number, chunk.places[CHUNK])
            del chunk.places[CHUNK:], chunk.texts[CHUNK:]

    def remove(self, place: Place) -> None:
        """Takes away the text at a place."""
        chunk = self._chunks[bisect_right(self._starts, place)]
        at = bisect_left(chunk.places, place)
        del chunk.places[at], chunk.texts[at]
        chunk.joined = None
