"""Files and a mapping in, a Sheet out."""

from sync.reader.guess import SCHEMA_FILE, ColumnGuess, Guess, KnownBook, column_letters
from sync.reader.mapping_file import MappingFile, read_mapping
from sync.reader.sheets import read_sheet
from sync.reader.suggest import initial_mapping

__all__ = [
    "SCHEMA_FILE",
    "ColumnGuess",
    "Guess",
    "KnownBook",
    "MappingFile",
    "column_letters",
    "initial_mapping",
    "read_mapping",
    "read_sheet",
]
