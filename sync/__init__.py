"""imsync keeps the İleti Merkezi address book in step with spreadsheets.

Read the sheet, read the book, diff them into a plan, guard the plan, apply it change by change, report every row.
"""

__version__ = "0.1.0"
