"""Real bytes with mistakes in them, and what may come of them.

What enters: a file's bytes. What leaves: strategies for damaged bytes; a check that nothing but refusals of ours comes.
What never happens here: a file of anybody's; the network.
"""

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from sync.errors import ImsyncError, MappingError
from sync.messages import error_text, problem_text

GATE = os.environ.get("HYPOTHESIS_PROFILE", "gate") == "gate"
GOLDEN = Path(__file__).parents[1] / "golden"
# Numbers at which lengths, offsets and counts break, as bytes and as texts.
_BYTES = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\x80",
    b"\xef\xbb\xbf",
    b"\r",
]
_TEXTS = [
    "", "-1", "0", "4294967296", "9223372036854775808", "1e999", "NaN", "9" * 400, "\u202e", "😀",
    "İ", "&amp;", "&x;", "]]>", "<!--", "%s", "{}", "../", "=1+1",
]  # fmt: skip


def tried(share: float = 1.0) -> Callable[[Any], Any]:
    """So many cases: a few in the gate, where none is made smaller; many with `make fuzz`."""
    most = int((24 if GATE else 4000) * share)
    phases = [phase for phase in Phase if not GATE or phase not in (Phase.shrink, Phase.explain)]
    return settings(max_examples=max(most, 1), phases=phases, suppress_health_check=list(HealthCheck), deadline=None)


@st.composite
def mutated(draw: st.DrawFn, whole: bytes, *, tokens: Sequence[bytes] = (), most: int = 6) -> bytes:
    """The bytes with one to a few mistakes: overwritten, cut out, doubled, cut short, or with something put in."""
    found = bytearray(whole)
    pieces = [*_BYTES, *(text.encode("utf-8", "surrogatepass") for text in _TEXTS), *tokens]
    for _ in range(draw(st.integers(1, most))):
        start = int(draw(st.floats(0, 1)) * len(found))
        length = draw(st.sampled_from([1, 1, 2, 4, 16, 200, 5000]))
        match draw(st.sampled_from(["flip", "over", "in", "out", "twice", "short", "swap"])):
            case "flip" if start < len(found):
                found[start] ^= 1 << draw(st.integers(0, 7))
            case "over":
                piece = draw(st.sampled_from(pieces) | st.binary(min_size=1, max_size=8))
                found[start : start + len(piece)] = piece
            case "in":
                found[start:start] = draw(st.sampled_from(pieces) | st.binary(min_size=1, max_size=8))
            case "out":
                del found[start : start + length]
            case "twice":
                found[start:start] = found[start : start + length] * draw(st.sampled_from([1, 1, 50]))
            case "short" if draw(st.booleans()):
                del found[start:]
            case "swap":
                other = int(draw(st.floats(0, 1)) * len(found))
                found[start : start + length] = found[other : other + length]
            case _:
                pass
    return bytes(found)


@st.composite
def mutated_archive(draw: st.DrawFn, whole: bytes, *, tokens: Sequence[bytes] = ()) -> bytes:
    """An archive with mistakes in one or two of its parts, and a directory that fits them; or in the archive itself."""
    if draw(st.integers(0, 4)) == 0:
        return draw(mutated(whole))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(parts)))
        match draw(st.sampled_from(["mutate"] * 8 + ["drop", "copy"])):
            case "drop" if len(parts) > 1:
                del parts[name]
            case "copy":
                parts[draw(st.sampled_from(sorted(parts)))] = parts[name]
            case _:
                parts[name] = draw(mutated(parts[name], tokens=tokens))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


@contextmanager
def only_refusals() -> Iterator[None]:
    """Passes over errors of ours, each of which has its sentence; everything else is a fault."""
    try:
        yield
    except ImsyncError as error:
        told = [error_text(error)]
        if isinstance(error, MappingError):
            told += map(problem_text, error.problems)
        if not all(told):
            raise AssertionError(f"no sentence for {error!r}") from error
