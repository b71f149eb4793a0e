"""The names of the reports that can be asked for, and of their files.

What enters: nothing. What leaves: names. What never happens here: importing what writes them.
"""

FORMATS = ("html", "xlsx", "csv", "json", "rejected")
FILES = ("report.html", "report.xlsx", "report.csv", "report.json", "rejected.csv", "rejected.xlsx")
