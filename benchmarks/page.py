"""report.html of 10,000 rows in headless Chromium: its size, the first paint, how long a keystroke in the search takes.

    python benchmarks/page.py [rows]

A keystroke is timed from the moment before it is sent until the frame after it has been painted.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.report.browser import chromium
from tests.report.pages import RUN_KINDS, PageRun, page_of, people

_TIMES = 5
_TYPED = "kisi12@ex"
_KINDS = {
    "of every outcome": RUN_KINDS,
    "all added": ("added",),
    "all edited": ("edited",),
    "all rejected": ("rejected",),
}
_PAINTED = """() => new Promise(done => {
  const from = performance.now();
  const field = document.getElementById('search');
  field.value = WORDS;
  field.dispatchEvent(new Event('input'));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - from), 0));
})"""
_FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
_SORTED = """() => new Promise(done => {
  const from = performance.now();
  document.querySelector('th[data-sort=details] button').click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - from), 0));
})"""


def measure(browser: Browser, path: Path) -> dict[str, list[float]]:
    """Milliseconds of the first paint, each keystroke and a sort; the first comes before the search is prepared."""
    found: dict[str, list[float]] = {"first paint": [], "first keystroke": [], "keystroke": [], "sort": []}
    for _ in range(_TIMES):
        page = browser.new_page()
        page.goto(path.as_uri())
        for count in range(1, len(_TYPED) + 1):
            taken = page.evaluate(_PAINTED.replace("WORDS", repr(_TYPED[:count])))
            found["keystroke" if count > 1 else "first keystroke"].append(taken)
        found["sort"].append(page.evaluate(_SORTED))
        page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
        found["first paint"].append(page.evaluate(_FIRST_PAINT))
        page.close()
    return found


def main(rows: int) -> None:
    """Prints what was measured."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for name, kinds in _KINDS.items():
            run = PageRun(people(rows, kinds))
            start = time.perf_counter()
            path = page_of(run, Path(folder) / "report.html")
            seconds = time.perf_counter() - start
            sys.stdout.write(f"{rows:,} rows, {name}: {path.stat().st_size / 1e6:.2f} MB, written in {seconds:.2f} s\n")
            for what, times in measure(browser, path).items():
                median, worst = statistics.median(times), max(times)
                sys.stdout.write(f"  {what:16} median {median:6.1f} ms, worst {worst:6.1f} ms\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
