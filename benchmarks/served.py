"""The sandbox as a process of its own: what it costs is nobody's but its own.

    python benchmarks/served.py BOOK SAVED PORT

Used by `job.py` and `night.py`. It serves a copy of the book, and answers at once. When it is told to stop it saves
what the book has become, and tells how many requests there were of each method.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def served(
    book: Path, saved: Path, python: str, env: dict[str, str], port: int = 0
) -> Iterator[tuple[str, Callable[[], dict[str, int]]]]:
    """The base URL; and what stops the server and gives the number of requests by method.

    An account is known by its URL too: what is to be the same account needs the same port.
    """
    command = [python, __file__, str(book), str(saved), str(port)]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None

        def stop() -> dict[str, int]:
            rest, _ = process.communicate()
            counted: dict[str, int] = json.loads(rest)
            return counted

        try:
            yield process.stdout.readline().strip(), stop
        finally:
            process.kill()


def serve(book: Path, saved: Path, port: int) -> None:
    """Serves until standard input ends."""
    from sync.sandbox import BookState, SandboxServer

    state = BookState.load(book)
    with SandboxServer(state, port=port) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()
        time.sleep(0.1)  # an answer has left before its entry is in the ledger
        counted = Counter(entry.method for entry in server.ledger)
    state.save(saved)
    sys.stdout.write(json.dumps(counted))


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
