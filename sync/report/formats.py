"""The names of the reports that can be asked for.

What enters: nothing. What leaves: names. What never happens here: importing what writes them.
"""

FORMATS = ("html", "xlsx", "csv", "json", "rejected")
