"""report.html: one file that a browser opens without asking anybody for anything.

What enters: a run's record, its summary. What leaves: the page.
What never happens here: a request; a cell taken for markup; a text that is not in the catalogue.
"""

from sync.report.page.writing import write_page

__all__ = ["write_page"]
