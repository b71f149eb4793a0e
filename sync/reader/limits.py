"""How much of a workbook is read at most: what is larger is no address book, or is meant to harm.

What enters and leaves: nothing; numbers that the readers of all kinds share.
What never happens here: reading.
"""

LARGEST_UNPACKED = 2 << 30
"""Bytes that the parts of an archive may unpack to, together."""
LARGEST_RATIO = 200
"""How many times its size a part may unpack to. Sheets of contacts unpack to 5 to 30 times their size, the most
repetitive ones that were found to 115; a megabyte of one letter to a thousand times its size …"""
LARGEST_REPETITIVE = 100 << 20
"""… but parts that together unpack to less than so many bytes do no harm."""
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
"""Excel's own limits for one sheet."""
LARGEST_AREA = 20_000_000
"""Cells of rows with data x width that a sheet may have, however few of them hold something …"""
LEAST_FILLED = 8
"""… and beyond that, one in so many must."""
MOST_VALUES = 50_000_000
"""Cells that hold something in one sheet, and texts that the sheets of a workbook share."""
LARGEST_TEXT = 1 << 30
"""Characters that the cells of one sheet hold together: one long text, shared by many cells, must not multiply."""
LARGEST_PART = 16 << 20
"""Bytes of the small parts of an archive that are read as a whole: relationships, the manifest, the styles."""
LARGEST_CAREFUL_PART = 200 << 20
"""Bytes of a part that the thorough, slow reader of .xlsx takes on: about two million cells."""
MOST_RANGES = 1_000_000
"""Merged ranges, or other ranges that a sheet lists."""
LARGEST_CELL = 1 << 20
"""Characters of one cell; Excel allows 32,767."""
MOST_REPEATED = 5_000_000
"""Cells that an OpenDocument sheet may say once and mean many times."""
