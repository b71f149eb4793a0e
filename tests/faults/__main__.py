"""`python -m tests.faults` writes docs/faults.md."""

from tests.faults.page import PAGE, page

PAGE.write_text(page(), encoding="utf-8", newline="\n")
