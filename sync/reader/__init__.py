"""Files and a mapping in, a Sheet out."""

from sync.reader.mapping_file import MappingFile, read_mapping
from sync.reader.sheets import read_sheet

__all__ = ["MappingFile", "read_mapping", "read_sheet"]
