"""The catalogue: every sentence for a person, by its code.

What enters: a code and named values. What leaves: what is wrong, and what to do next.
What never happens here: deciding anything; a sentence made elsewhere.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import list2cmdline
from typing import Any

from sync import language
from sync.errors import ImsyncError, Problem

_LONGEST = 1000  # bits of a number that is told; thousands of digits are nobody's figure


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        what: what is wrong, with named values in braces.
        next: what to do about it.
        hints: further sentences, each told only where the value it is named after is not empty.
        many: `what` for any number but one, where English tells them apart.
        by: the value that decides which of them it is.
    """

    what: str
    next: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    many: str = ""
    by: str = "count"

    def text(self, values: Mapping[str, Any]) -> str:
        """The whole message."""
        return " ".join(part for part in self.parts(values) if part)

    def parts(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """What is wrong, and what to do about it."""
        hints = [language.said(hint) for name, hint in self.hints.items() if values.get(name)]
        words = {name: field_words(str(value)) if name in FIELD_NAMES else value for name, value in values.items()}
        longest = {name for name, value in words.items() if isinstance(value, int) and value.bit_length() > _LONGEST}
        words |= dict.fromkeys(longest, "…")
        if "reason" in words:
            words["reason"] = _reason(words["reason"], words)
        said = language.figures(words)
        what = language.counted(self.what, self.many, int(values[self.by])) if self.many else language.said(self.what)
        told = " ".join(part.format_map(said) for part in (what, *hints) if part)
        return told, language.said(self.next).format_map(said)


def _reason(given: object, values: Mapping[str, object]) -> object:
    """A reason by its code, or what a system or a library says, in the language that is spoken."""
    said = str(given)
    if template := FAULTS.get(said) or REASONS.get(said):
        return language.said(template).format_map(values)
    about, colon, rest = said.partition(": ")
    return language.said(about) + colon + rest if about in SYSTEM_FAULTS else given


FIELD_NAMES = ("key", "stronger", "further", "keys", "field", "fields")
_FIELD_WORDS = {
    "gsm": "phone number", "email": "e-mail", "name": "name", "surname": "surname", "id": "contact id",
    "groups": "groups", "full_name": "name and surname",
}  # fmt: skip
_CUSTOM_FIELD = "custom field {number}"


def field_words(names: str) -> str:
    """Field names, as in `gsm, custom:3`, in a person's words."""
    return ", ".join(map(_field_word, names.split(", ")))


def _field_word(name: str) -> str:
    kind, _, number = name.partition(":")
    if kind == "custom" and number:
        return language.said(_CUSTOM_FIELD).format(number=number)
    return language.said(_FIELD_WORDS[name]) if name in _FIELD_WORDS else name


# What systems and libraries that speak English say, also by the value `reason`; a name may stand after a colon.
SYSTEM_FAULTS = frozenset(
    {
        "No such file or directory", "Permission denied", "Operation not permitted", "Is a directory",
        "Not a directory", "File exists", "File name too long", "No space left on device", "Disk quota exceeded",
        "Read-only file system", "Input/output error", "Too many open files", "Address already in use",
        "Cannot assign requested address", "Connection refused", "Connection reset by peer", "Broken pipe",
        "Too many levels of symbolic links", "Text file busy", "Device or resource busy", "Invalid argument",
        "Invalid cross-device link", "Stale file handle", "Resource temporarily unavailable", "Interrupted system call",
        "XML cannot carry this character",
        # SQLite
        "database disk image is malformed", "file is not a database", "database is locked", "disk I/O error",
        "attempt to write a readonly database", "unable to open database file", "database or disk is full",
        "database table is locked", "locking protocol", "out of memory", "no such table", "no such column",
        "access permission denied", "authorization denied", "database schema has changed", "interrupted",
    }
)  # fmt: skip
# Why a text is no e-mail address: the end of a sentence, by the value `reason`.
FAULTS: Mapping[str, str] = {
    "email_no_at": "it has no @ sign.",
    "email_several_at": "it has more than one @ sign.",
    "email_nothing_before": "nothing stands before its @ sign.",
    "email_nothing_after": "nothing stands after its @ sign.",
    "email_blank": "there is a blank in it.",
    "email_dots": "a dot stands at an end of its parts, or beside another dot.",
    "email_no_dot": "what stands after its @ sign has no dot, as example.com has.",
    "email_reserved": "what stands after its @ sign is reserved, and nobody gets mail there.",
    "email_long": "it is longer than an address can be.",
    "email_letter": "“{letter}” cannot stand before its @ sign.",
    "email_letters": "it is not written with the letters and marks of an address.",
}
# Why a file cannot be read or written: a part of a sentence, by the value `reason`.
REASONS: Mapping[str, str] = {
    "not_utf8": "it is not UTF-8 text",
    "no_standard_input": "there is no standard input",
    "held_open": "{name} and its neighbours are held open by another program",
    "no_memory": "it is none of these files",
    "too_many_hashes": "a row has more hashes than there are fields",
    "csv_open": "a quote opens and is not closed",
    "csv_after": "something stands between a closing quote and the next delimiter",
    "csv_nul": "it holds a NUL character",
}


_API_SAID = {"message": "The API said: “{message}”."}
_NEAR = {"near": "Did you mean “{near}”?", "known": "Known here: {known}."}
_FILE = "Correct the file and run the command again."
_CELL = "Correct the cell, or leave it empty."

CATALOGUE: Mapping[str, Message] = {
    # Memory
    "memory_damaged": Message(
        "{file}, what earlier runs of the job have left to know, cannot be used: {reason}.",
        "Put it back from a backup, or move it away: then nothing is known of earlier runs, and what was changed in the"
        " panel is not told from what changed in the sheet.",
    ),
    "memory_unreadable": Message(
        "{file}, what earlier runs of the job have left to know, cannot be read or written: {reason}.",
        "Make it readable and writable for you.",
    ),
    "memory_later": Message("{file} was written by a later version of imsync (format {version}).", "Use that version."),
    "memory_of_other_key": Message(
        "{file} was made with another key than the one in {key}, so nothing in it can be compared.",
        "Put the key back from a backup, or move both files away: then nothing is known of earlier runs.",
    ),
    "memory_no_room": Message(
        "the run is done and recorded, but what it has learned found no room in {file}: {reason}.",
        "Make room on the disk; the next run of the job makes up for it.",
    ),
    "memory_outdated": Message(
        "{count:,} contacts were remembered by another version of imsync, in another form: until they are read again,"
        " what was changed in the panel cannot be told from what changed in the sheet."
    ),
    "erased_in_panel": Message(
        "its contact was erased in the panel; seen first on {since}. It is not added again.",
        "If it is to be there again, run once with --bring-back, or add it in the panel.",
    ),
    "departed_gone": Message("its row has left the sheet, and somebody has deleted it already."),
    "departed_other_job": Message(
        "its row has left the sheet, but another job of this account has it: it is left alone."
    ),
    "departed_no_groups": Message(
        "its row has left the sheet, and it is in none of the groups that the mapping names."
    ),
    "departed_maybe": Message(
        "its row has left the sheet, or is one of those of which it is not certain who they are: row {rows}; nothing"
        " was sent.",
        "Look at those rows; once they are right, the next run knows.",
    ),
    "departed_unread": Message(
        "its row has left the sheet, or is hidden there: hidden rows were not read (hidden_rows: skip); nothing was"
        " sent.",
        "Show the hidden rows, or take away the filter.",
    ),
    "departed_new_rules": Message(
        "its row has left the sheet. The mapping reads rows otherwise than in the last full run that came to its end,"
        " so nobody is taken away this time; nothing was sent.",
        "The next run does, if this one comes to its end.",
    ),
    "departed_not_added": Message(
        "its row has left the sheet, but the contact was in the book before this job edited it; it is not deleted.",
        "Delete it in the panel if nobody needs it; on_panel_change: overwrite lets the job do so.",
    ),
    "departed_changed": Message(
        "its row has left the sheet, but the contact has something that this job has not written: {fields}; it is not"
        " deleted.",
        "Delete it in the panel if nobody needs it; on_panel_change in the mapping can decide for all.",
    ),
    "panel_changed": Message(
        "somebody has changed {fields} of the contact in the panel since it was written, and the row says something"
        " else; nothing was sent. The value from before is not kept, so it cannot be shown.",
        "Correct the row or the contact; on_panel_change in the mapping can decide for all rows.",
    ),
    "compared_two_ways": Message(
        "what the job had of {fields} last is not known, so nobody can say whether the panel has changed it; the row's"
        " value is written."
    ),
    "panel_kept": Message("{fields} of the contact were changed in the panel and stay as they are there."),
    "panel_overwritten": Message(
        "{fields} of the contact were changed in the panel; the row's values take their place."
    ),
    "quarantined": Message(
        "the same row was refused, or stored otherwise than meant, on {since}; it is not sent again as it is.",
        "Change the row, the contact or the mapping.",
    ),
    "input_same": Message(
        "The input and the mapping are the same as in run {run}, so there was nothing to do (--skip-same-input)."
    ),
    # Files
    "file_unreadable": Message("{file} cannot be read: {reason}.", "Check the path, and that you may read the file."),
    "file_unwritable": Message("{file} cannot be written: {reason}.", "Choose another name after -o."),
    "file_empty": Message("{file} is empty.", "Save the sheet again and check that it holds a header and rows."),
    "file_too_large": Message(
        "{file} is larger than 2 GiB.", "Split it into several files; they can be named together."
    ),
    "file_is_open": Message(
        "{file} is only the mark that Excel leaves while it has a workbook open.", "Name the workbook itself."
    ),
    "file_is_folder": Message("{file} is a folder.", "Name the files in it, such as “{file}/*.xlsx”."),
    "file_damaged": Message("{file} is compressed, and damaged or cut off.", "Get the file once more."),
    "file_cut_off": Message(
        "{file} ends too early: it is only the beginning of a workbook or an archive.",
        "Download or copy it once more, and wait until that is done.",
    ),
    "file_half_there": Message(
        "{file} is a download that has not finished.",
        "Wait until the browser has given it its own name without {suffix}, or download it once more.",
    ),
    "file_is_numbers": Message(
        "{file} is a document of Apple Numbers.",
        "Open it in Numbers, choose File > Export To > Excel or CSV, and name the file that this makes.",
    ),
    "file_is_link": Message(
        "{file} only points to a Google sheet, and holds none of its rows.",
        "Open the sheet in the browser, choose File > Download > Microsoft Excel (.xlsx), and name that file.",
    ),
    "file_is_device": Message("{file} is a device, no table.", "Name a workbook or a CSV file."),
    "file_is_no_sheet": Message("{file} holds {what} data, no table.", "Name a workbook or a CSV file."),
    "file_is_archive": Message("{file} is an archive, no workbook.", "Unpack it, and name the files that were in it."),
    "file_is_document": Message(
        "{file} is a {what} document, no table.",
        "Copy its table into a workbook, save that as .xlsx or CSV, and name that file.",
    ),
    "file_is_web_page": Message(
        "{file} is a web page that bears the name of a spreadsheet.",
        "Open it in Excel and save it as an Excel workbook (.xlsx).",
    ),
    "file_is_xml_table": Message(
        "{file} is an XML table of Excel 2003.", "Open it in Excel and save it as an Excel workbook (.xlsx)."
    ),
    "pattern_without_files": Message("no file fits “{pattern}”.", "Check the folder and the pattern."),
    "file_is_binary": Message("{file}, line {line}: there is a NUL character, so this is not a text file.", _FILE),
    "encoding_damaged": Message(
        "{file}, line {line}: the byte {byte} is not UTF-8, although the rest of the file is.",
        "Correct that line and save the file as UTF-8, or export it once more.",
    ),
    "encoding_unclear": Message(
        "{file}, line {line}: the byte {byte} is not UTF-8, and the letters are in no other encoding that Turkish texts"
        " use.",
        "Save it as CSV UTF-8, or set source.encoding in the mapping.",
    ),
    "encoding_wrong": Message(
        "{file}, line {line}: the bytes are not valid {encoding}.",
        "Set source.encoding in the mapping, or leave it out.",
    ),
    "csv_cell_too_long": Message(
        "{file}: the record that starts on line {line} has a cell of more than a million letters.",
        "Look for a line end or a quotation mark that is missing.",
    ),
    "csv_too_wide": Message(
        "{file}, line {line}: the record has {width} cells, many more than a sheet has columns.",
        "Correct that line, or set source.delimiter in the mapping.",
    ),
    "csv_broken": Message(
        "{file}: the record that starts on line {line} cannot be read: {reason}.",
        "Look for a quotation mark that is not closed.",
    ),
    "workbook_broken": Message(
        "{file} is not a workbook that can be read.", "Open it in Excel, save it as .xlsx, and try again."
    ),
    "workbook_encrypted": Message("{file} is protected by a password.", "Save it as .xlsx without a password."),
    "workbook_too_large": Message(
        "{file} holds more than is read: 2 GiB unpacked, 1 GiB of texts, 50 million cells.",
        "Split it, or save it as CSV.",
    ),
    "workbook_swells": Message(
        "{file} was not read: its part {part} would unpack to {times} times its size, as no table of contacts does.",
        "If it comes from somebody you do not know, delete it; otherwise save the table as CSV.",
    ),
    "workbook_too_sparse": Message(
        "{file}, sheet “{sheet}”: there is a value far away from the table, in {cell}.",
        "Delete it (and the empty columns or rows before it) in Excel and save again.",
    ),
    "workbook_unusual": Message(
        "{file}, sheet “{sheet}”, is written in an unusual way, and too large to be read with care.",
        "Open it in Excel and save it again.",
    ),
    "workbook_without_sheets": Message("{file} has no visible sheet.", "Unhide the sheet, or name it in source.sheet."),
    "sheet_unknown": Message(
        "{file} has no sheet “{sheet}”.",
        "Correct the name (source.sheet in the mapping, or --sheet).",
        {"known": _NEAR["known"]},
    ),
    "header_row_missing": Message(
        "{file}: row {row}, where the header should be, is blank.", "Correct source.header_row."
    ),
    # Guessing a mapping
    "mapping_exists": Message("{file} exists; it was left as it is.", "Choose another name after -o, or say --force."),
    "guess_no_keys": Message(
        "no column was found that holds mobile numbers or e-mail addresses, so the mapping cannot be used yet.",
        "Put such a column into the file and run init again, or name it in the mapping under fields, as gsm or email.",
    ),
    "guess_no_header": Message(
        "row {row} was taken for the headers, and it does not look like headers: that row would not be read.",
        "Put a row with headers above it and run init again.",
    ),
    "guess_no_rows": Message(
        "there are no rows below the headers, so headers alone were looked at.", "Look the mapping over with care."
    ),
    # How files were read
    "read_kind_differs": Message("It is {kind} by its content, although its name says {expected}."),
    "read_without_formats": Message(
        "Its number formats cannot be read, so leading zeros that only they show are missing.",
        "Open it in Excel and save it as .xlsx.",
    ),
    "read_other_sheets": Message(
        "Only the sheet “{sheet}” is read, not: {sheets}.",
        "To read another one, name it in source.sheet (* stands for all visible ones).",
    ),
    "read_hidden_rows": Message(
        "{count:,} row is hidden in Excel; it is read too.",
        "To leave them out, set source.hidden_rows: skip.",
        many="{count:,} rows are hidden in Excel; they are read too.",
    ),
    "read_filtered_rows": Message(
        "{count:,} row is hidden by a filter; it is read too.",
        "To leave them out, set source.hidden_rows: skip.",
        many="{count:,} rows are hidden by a filter; they are read too.",
    ),
    "skipped_hidden_rows": Message(
        "{count:,} row that is hidden in Excel is left out, as the mapping says.",
        many="{count:,} rows that are hidden in Excel are left out, as the mapping says.",
    ),
    "read_hidden_columns": Message(
        "{count:,} column is hidden in Excel; it is read too.",
        many="{count:,} columns are hidden in Excel; they are read too.",
    ),
    "read_merged_cells": Message(
        "{count:,} merged cell: a value merged over several rows counts for each of them.",
        many="{count:,} merged cells: a value merged over several rows counts for each of them.",
    ),
    # Mappings
    "mapping_wrong": Message(
        "{file}: {count} mistake in the mapping; nothing was sent.",
        many="{file}: {count} mistakes in the mapping; nothing was sent.",
    ),
    "mapping_unreadable": Message("the mapping cannot be read: {reason}.", "Check the path after -m."),
    "mapping_is_workbook": Message(
        "this is a workbook, not a mapping.", "After -m comes the YAML file; the sheet stands before it."
    ),
    "mapping_not_utf8": Message(
        "the mapping is not UTF-8 text.",
        "Save it as UTF-8: Notepad asks for the encoding under “Save as”.",
        {"encoding": "It looks like {encoding}."},
    ),
    "mapping_empty": Message("the mapping is empty.", "“imsync init FILE” writes a whole mapping to start from."),
    "mapping_is_table": Message(
        "this is a table, not a mapping.", "After -m comes the YAML file; the sheet stands before it."
    ),
    "mapping_too_large": Message(
        "the file is larger than {most} MB, and no mapping is.",
        "After -m comes the YAML file; the sheet stands before it.",
    ),
    "mapping_not_yaml": Message("this is not valid YAML: {reason}.", "Check the indentation, colons and quotes."),
    "yaml_tab": Message("a tab stands before this line's text.", "Indent with blanks: two more for each level."),
    "yaml_mark": Message("a text cannot begin with {mark} here.", 'Put the text in quotes: "{mark}…".'),
    "yaml_share": Message("a share has its % sign behind the number.", "Write it: {share}."),
    "yaml_second_colon": Message("the line has a second colon.", "Put the text that has the colon in quotes."),
    "yaml_no_colon": Message(
        "the colon after the name is missing.", "Write a colon and a blank between name and value: gsm: Cep Telefonu."
    ),
    "yaml_colon_blank": Message("the blank after the colon is missing.", "Write it: gsm: Cep Telefonu."),
    "yaml_indent": Message(
        "the line is not indented like the others of its level.",
        "Put the same number of blanks before all names of a level.",
    ),
    "yaml_quote": Message(
        "the quote {mark} that opens here is closed nowhere.", "Close it at the end of the text, or take it out."
    ),
    "yaml_after_quote": Message(
        "something stands after the closing quote.",
        'Put the whole text between the quotes; a quote within it is written twice in \'…\', and as \\" in "…".',
    ),
    "yaml_escape": Message(
        "in double quotes, the mark after this backslash means nothing.",
        "Put the text in single quotes, or write the backslash twice.",
    ),
    "yaml_bracket": Message(
        "{opening} opens here, and a comma or the closing {closing} is missing after it.",
        "Write a comma between the entries, and {closing} after the last one.",
    ),
    "yaml_closing": Message("{mark} closes nothing.", "Take it out, or put the text that has it in quotes."),
    "yaml_entry": Message("an entry is missing here.", "Write it, or take the comma out."),
    "yaml_dash": Message(
        "an entry of a list cannot begin here.",
        "Write the list as [gsm, email], or each entry on a line of its own below the name, after “- ”.",
    ),
    "yaml_documents": Message(
        "a second mapping begins here; a file has one.", "Take out the line “---” or “...” and what does not belong."
    ),
    "yaml_twice": Message("“{name}” stands here for the second time.", "Keep one of them."),
    "yaml_key": Message("a name must be a text.", "Take out the brackets, or put the name in quotes."),
    "yaml_date": Message("this looks like a date, and there is no such day.", "If it is a text, put it in quotes."),
    "yaml_number": Message("this is no number that can be read.", "If it is a text, put it in quotes."),
    "yaml_character": Message("the character {character} cannot stand in a mapping.", "Take it out."),
    "yaml_deep": Message(
        "there are more levels within each other than can be read.", "No mapping has more than five; take them out."
    ),
    "mapping_wants_names": Message("“{name}” must hold names with values, such as “column: Ad”."),
    "mapping_wants_list": Message("“{name}” must be a list, such as [gsm, email]."),
    "mapping_unknown_name": Message("“{name}” is not known.", "", _NEAR),
    "mapping_missing_name": Message(
        "“{name}” is missing.", "Add it (“imsync init FILE” writes a whole mapping to start from)."
    ),
    "mapping_not_one_of": Message("“{name}” cannot be {given!r}.", "Use {expected}."),
    "mapping_wrong_value": Message("“{name}” cannot be {given!r}: {reason}."),
    "mapping_wants_text": Message("“{name}” cannot be {given!r}.", "Write a text there."),
    "mapping_wants_letters": Message("“{name}” cannot be empty.", "Write a text there, or take the line out."),
    "mapping_wants_fewer_letters": Message("“{name}” cannot be {given!r}.", "Write {limit} letter(s) at most."),
    "mapping_wants_bool": Message("“{name}” cannot be {given!r}.", "Write true or false, without quotes."),
    "mapping_wants_whole": Message("“{name}” cannot be {given!r}.", "Write a whole number, without quotes."),
    "mapping_wants_number": Message("“{name}” cannot be {given!r}.", "Write a number."),
    "mapping_wants_more": Message("“{name}” cannot be {given!r}.", "Write a number greater than {limit}."),
    "mapping_wants_least": Message("“{name}” cannot be {given!r}.", "Write {limit} or a greater number."),
    "mapping_wants_most": Message("“{name}” cannot be {given!r}.", "Write {limit} or a smaller number."),
    "mapping_wants_two": Message("“{name}” joins columns, and needs two or more.", "For one column, use “column”."),
    "mapping_needs_quotes": Message(
        "“{name}” must be a text, but {given} is none in YAML.", "Put it in quotes; leading zeros are kept then."
    ),
    "mapping_one_source": Message("“{name}” needs exactly one of column, columns, position and value."),
    "mapping_position": Message("“{name}” cannot be {given!r}.", "Use a letter such as E, or a number from 1."),
    "mapping_field_id": Message(
        "“{name}”: a custom field goes by a whole number from 1.",
        "Put the field's id there without quotes, as the provider's panel shows it.",
    ),
    "mapping_field_empty": Message(
        "“{name}” names no column.", "Write the column's header behind it, or take the line out."
    ),
    "mapping_encoding": Message(
        "“{name}”: there is no encoding {given!r} for texts.", "Use utf-8, windows-1254 or iso-8859-9, or leave it out."
    ),
    "mapping_delimiter": Message("“{name}” cannot be {given!r}.", 'Use one mark, such as ; or , or "\\t" for a tab.'),
    "mapping_region": Message("“{name}”: there is no region {given!r}.", "Use two capital letters such as TR."),
    "mapping_date_format": Message(
        "“{name}” cannot be {given!r}.", "A date format names day, month and year, such as %d.%m.%Y."
    ),
    "mapping_group_name": Message("“{name}” cannot be {given!r}.", "Use the group's name, or its id."),
    "mapping_choices": Message("“{name}”: choices belong to type: choice, and it needs them."),
    "mapping_limit": Message(
        "“{name}” cannot be {given!r}.", "Use a count such as 5000, or a share such as 30%, of 100% at most."
    ),
    "mapping_match_key": Message("{given!r} is no match key.", "Use gsm, email, id, or custom:3."),
    "mapping_secret": Message(
        "“{name}” looks like a credential; a mapping must not hold any.",
        "Take it out, and set ILETIMERKEZI_API_KEY and ILETIMERKEZI_API_HASH instead.",
    ),
    "mapping_no_fields": Message("no column is mapped.", "Add at least one under fields, such as “gsm: Cep Telefonu”."),
    "mapping_no_keys": Message(
        "neither gsm nor email is mapped, so no row could find its contact.",
        "Map one of them, or say what to match by.",
    ),
    "mapping_key_not_mapped": Message(
        "the match key “{written}” is not mapped.", "Map it, or take it out.", {"known": "Mapped: {known}."}
    ),
    "mapping_constant_key": Message("“{key}” is a match key and cannot be a constant.", "Give it a column."),
    "mapping_removes_without_name": Message(
        "the job needs a name where it takes contacts away: by its file's name alone, another mapping could be taken"
        " for it.",
        "Add a line such as name: customers, and never give two mappings of an account the same.",
    ),
    "mapping_removes_from_none": Message(
        "remove_from_groups needs groups to take contacts out of, and the mapping names none.",
        "Name them under groups.always, or their column under groups.column.",
    ),
    "mapping_group_unknown": Message(
        "there is no group “{group}” in the account.", "", {"known": "Its groups: {known}."}
    ),
    "mapping_group_ambiguous": Message(
        "several groups are named “{group}”: {candidates}.", "Use the id, or Main group/Group."
    ),
    "column_unknown": Message("{file} has no column “{header}”.", "", _NEAR),
    "column_doubled": Message(
        "{file} has several columns “{header}” (columns {places}).", "Say which one with position, such as position: 5."
    ),
    "column_beyond": Message("{file} has {widest} columns; there is no column {position}."),
    # Settings and commands
    "language_unknown": Message("{source} cannot be “{given}”.", "Use en for English, or tr for Turkish."),
    "no_credentials": Message(
        "no credentials: not set: {missing}; and the system's keyring has none.",
        "“imsync login{option}” keeps them in the keyring. Where there is none, as on most servers, set {key} and"
        " {hash} in the environment or in a .env file that only you can read. Both are in the provider's panel under"
        " the API settings.",
    ),
    "profile_wrong": Message(
        "“{profile}” is no name of a profile.", "Use letters, digits, - and _, such as --profile branch."
    ),
    "dotenv_missing": Message("there is no file {file}, which IMSYNC_ENV_FILE names.", "Correct the variable."),
    "dotenv_open": Message(
        "{file} holds credentials, and others can read it.", "Make it yours alone: chmod 600 {file}"
    ),
    "keyring_none": Message(
        "this system has no keyring that imsync can use.",
        "Set ILETIMERKEZI_API_KEY and ILETIMERKEZI_API_HASH in the environment, or in a .env file that only you can"
        " read.",
    ),
    "keyring_failed": Message(
        "the system's keyring does not open ({kind}).",
        "Unlock it and try again, or set ILETIMERKEZI_API_KEY and ILETIMERKEZI_API_HASH in the environment.",
    ),
    "keyring_damaged": Message(
        "what the system's keyring holds for imsync is not what was put there.",
        "Put it there again: imsync login{option}",
    ),
    "jobs_wrong": Message("{file}: {count} mistake(s) in the jobs; nothing was sent."),
    "jobs_unreadable": Message("the jobs cannot be read: {reason}.", "Check the path after --config."),
    "jobs_no_file": Message("there is no file {file}.", "Name one with --config, or go to the folder in which it is."),
    "jobs_not_utf8": Message(
        "the jobs are not UTF-8 text.", "Save the file as UTF-8: Notepad asks for the encoding under “Save as”."
    ),
    "jobs_not_toml": Message("this is not valid TOML: {reason}.", "Check quotes, brackets and names."),
    "toml_statement": Message(
        "a name and a value were expected here, or the name of a table.",
        'Write it like mapping = "customers.yaml", or like [jobs.customers].',
    ),
    "toml_after": Message(
        "something stands after the value.", "Write one name with its value in a line, and a text in quotes whole."
    ),
    "toml_value": Message(
        "the value cannot be read.", "Put a text in quotes; numbers, true and false stand without them."
    ),
    "toml_quote": Message("a quote is not closed.", "Close it at the end of the text."),
    "toml_bracket": Message(
        "a bracket is not closed, or a comma is missing.",
        "Write a comma between the entries, and the closing bracket after the last one.",
    ),
    "toml_twice": Message("this name has a value already.", "Keep one of them."),
    "toml_escape": Message(
        "in double quotes, the mark after this backslash means nothing.",
        "Put the text in single quotes, or write the backslash twice.",
    ),
    "toml_date": Message("this looks like a date, and there is no such day.", "If it is a text, put it in quotes."),
    "toml_character": Message("a character stands here that cannot.", "Take it out."),
    "toml_deep": Message("there are more brackets within each other than can be read.", "Take them out."),
    "jobs_none": Message("there are no jobs.", "Add one: [jobs.customers], and under it files and mapping."),
    "jobs_name": Message("“{name}” is no name of a job.", "Use letters, digits, - and _."),
    "jobs_missing": Message("the job “{job}” lacks “{name}”.", "Add it."),
    "jobs_wants_list": Message('“{name}” must be a list of texts, such as ["inbox/customers-*.xlsx"].'),
    "jobs_wants_text": Message("“{name}” must be a text."),
    "jobs_wants_bool": Message("“{name}” must be true or false."),
    "jobs_wants_table": Message("“{name}” must hold names with values."),
    "jobs_value": Message("“{name}” cannot be {given!r}: {reason}."),
    "jobs_which": Message("which jobs are meant?", "Name them, or say --all. There are: {known}."),
    "jobs_unknown": Message("there is no job {job}.", "There are: {known}."),
    "jobs_no_match": Message(
        "job {job}: no file matches {patterns}.", "Check the path; it is meant from the folder of imsync.toml."
    ),
    "jobs_forgotten": Message("{runs} old run(s) and their reports were forgotten (keep_runs)."),
    "login_no_terminal": Message(
        "there is no terminal to ask on.",
        "Run it in a terminal, or set both variables and say --from-env.",
    ),
    "login_empty": Message("key or hash was left empty.", "Both are in the provider's panel under the API settings."),
    "login_given_up": Message("nothing was kept."),
    "login_kept": Message(
        "The credentials work (the account at {url} has {groups} groups), and are in the system's keyring as profile"
        " “{profile}”."
    ),
    "login_known": Message("The account is known here."),
    "login_bound": Message(
        "The account is one that is known here by other credentials: {found} of {looked} contacts of its earlier runs"
        " were found. Its history goes on."
    ),
    "login_new": Message("The account is new here."),
    "logout_done": Message("The credentials of profile “{profile}” are gone from the keyring."),
    "logout_nothing": Message("The keyring has no credentials of profile “{profile}”."),
    "base_url_wrong": Message(
        "“{url}” is not a base URL.", "It looks like https://api.iletimerkezi.com/v1, with https:// and /v1."
    ),
    "base_url_with_credentials": Message("the base URL must not hold a user name or password.", "Take them out."),
    "base_url_not_encrypted": Message(
        "{url} is not encrypted, and the credentials would travel openly.", "Use https; http is for this machine only."
    ),
    "proxy_wrong": Message(
        "the proxy that this machine is set to use (HTTPS_PROXY) is none that can be used.",
        "It looks like http://proxy.example.com:3128; NO_PROXY names the hosts that need none.",
    ),
    "sandbox_data_wrong": Message(
        "{file} is no sandbox data: {reason}.", "Correct it, or name a file that does not exist yet."
    ),
    "port_taken": Message("port {port} cannot be used: {reason}.", "Choose another --port, or 0 for any."),
    "output_exists": Message("{file} exists and is not a plan; it was left as it is.", "Choose another name after -o."),
    "dotenv_unreadable": Message("{file} cannot be read: {reason}.", "Save it as UTF-8 text."),
    "report_unwritable": Message(
        "the reports cannot be written to {folder}: {reason}.", "Choose another --report-dir."
    ),
    "report_is_folder": Message(
        "{path} is a folder, and a report is to have that name.",
        "Move it away or give it another name, or choose another --report-dir.",
    ),
    "report_kept": Message("{file} is not known to be as imsync wrote it; it was kept as {kept}."),
    "rejected_kept": Message(
        "{file} is not known to be as imsync wrote it; it was kept as {kept}.",
        "Feed that in again once its rows are corrected.",
    ),
    "report_held": Message(
        "{file} could not be replaced ({reason}); the new one is {name}.",
        "If another program has it open, close it before the next run.",
    ),
    "report_is_input": Message("{file} is the run's input, and was left as it is; the new one is {name}."),
    # Runs
    "state_full": Message(
        "the disk of the state directory is full ({state}: {reason}); nothing is lost.",
        "Make room and run the command again; a run that had begun goes on with imsync resume.",
    ),
    "state_unwritable": Message("the state directory {state} cannot be used: {reason}.", "Choose another --state-dir."),
    "state_damaged": Message(
        "{file} is damaged.", "Move it away: the account is then seen as a new one, and earlier plans are refused."
    ),
    "run_unknown": Message(
        "there is no run “{run}” in {state}.",
        "Name a run file, a run's id as the plan printed it, or “last”; if it was made with another state directory"
        " (--state-dir, imsync.toml), say that too.",
        {"last": "The newest runs: {last}."},
    ),
    "run_none_yet": Message("there are no runs in {state}.", "Begin with “imsync plan FILE -m MAPPING”."),
    "plan_none": Message(
        "no plan in {state} waits to be carried out.",
        "Make one with “imsync plan FILE -m MAPPING”.",
        {"last": "The newest runs: {last}."},
    ),
    "undo_none": Message(
        "no run in {state} was carried out, so there is nothing to undo.",
        "“imsync runs list” shows what there is.",
        {"last": "The newest runs: {last}."},
    ),
    "last_begun": Message(
        "“last” is run {run} here, the one that was begun last; {newest} was planned later.",
    ),
    "last_undoable": Message(
        "“last” is run {run} here, the one that was carried out last and is no undo; {newest} was planned later.",
    ),
    "last_plan": Message(
        "“last” is run {run} here, the newest plan that was not begun; {newest} was planned later.",
    ),
    "run_ambiguous": Message("several runs begin with “{run}”.", "Name one of them: {runs}."),
    "run_none": Message("there is nothing to resume in {state}.", "Begin with “imsync sync FILE -m MAPPING”."),
    "run_not_begun": Message("run {run} has been planned, not begun.", "Carry it out with “imsync apply {file}”."),
    "run_file_missing": Message("there is no run file {file}."),
    "run_file_foreign": Message("{file} is not a run file.", "Name a file that “imsync plan” has written."),
    "run_file_version": Message(
        "{file} was written by an early version of imsync (format {version}) that is not read any more.",
        "Make the plan again.",
    ),
    "run_file_later": Message(
        "{file} was written by a later version of imsync (format {version}).", "Update this one: pip install -U imsync."
    ),
    "run_file_damaged": Message(
        "{file} is damaged: {reason}.",
        "Keep the file, and plan again (imsync sync FILE -m MAPPING). What it had written is in the book, which is read"
        " afresh, so nothing is added twice; only its reports, and its undo, are lost.",
    ),
    "run_file_log_lost": Message(
        "{file} has lost its log {log}, and with it the latest of what it had noted down. Nothing was sent.",
        "If the log was moved away, put it back beside the file. If it is gone, plan again (imsync sync FILE -m"
        " MAPPING): what was written is in the book, which is read afresh, so nothing is added twice.",
    ),
    "run_file_denied": Message(
        "{file} cannot be used: {reason}.", "It and its folder must be yours to read and write, and the disk writable."
    ),
    "run_file_unwritable": Message(
        "{file} cannot be written: {reason}.", "Check that the folder exists, is yours, and can be written."
    ),
    "run_file_no_room": Message(
        "{file} cannot be written: {reason}. Nothing was sent.",
        "Make room on the disk, then give the same command again.",
    ),
    "input_empty": Message(
        "there are no data rows in {files}.", "If that is meant, there is nothing to do; if not, look at the file."
    ),
    "guard_broken": Message(
        "nothing was sent, because the plan changes more than its guards allow. {reason}",
        "The plan is saved. If it is right, lift them this once: imsync apply {plan} {allow}",
    ),
    "guard_max_adds": Message("{count:,} adds for {base:,} rows{percent}, and max_adds is {limit}."),
    "guard_max_edits": Message("{count:,} edits of {base:,} rows with a contact{percent}, and max_edits is {limit}."),
    "guard_max_removals": Message(
        "{count:,} contacts to be taken out of groups, of {base:,} that the job remembers{percent}, and max_removals is"
        " {limit}."
    ),
    "guard_max_moved": Message(
        "somebody has changed {count:,} of the {base:,} changes since the run{percent}, and max_moved is {limit}."
    ),
    "guard_min_rows": Message("{count:,} rows, after {base:,} in the last full run{percent}, and min_rows is {limit}."),
    "guard_same_columns": Message("{count} columns that held something in the last full run are empty: {limit}."),
    "guard_max_bad": Message(
        "{count:,} of {base:,} cells cannot be used{percent}, more than in the last full runs, and max_bad is {limit}."
    ),
    "guard_max_deletes": Message("{count:,} deletes among {base:,} contacts{percent}, and max_deletes is {limit}."),
    "not_confirmed": Message("nothing was sent: not confirmed.", "The plan is saved: imsync apply {plan}."),
    "no_terminal": Message(
        "nothing was sent: there is no terminal to ask on, and --yes was not said.",
        "The plan is saved. Look at it, then: imsync apply {plan} --yes",
    ),
    "account_locked": Message(
        "another run of this account is under way: {owner}.", "Wait for its end, then try again."
    ),
    "plan_saved": Message("The plan is saved.", "To carry it out: imsync apply {plan}"),
    "plan_used": Message(
        "run {run} has been begun already (status: {status}).", "To go on with it: imsync resume {run}"
    ),
    "plan_done": Message(
        "run {run} has been carried out already, to its end.", "For what has changed since, plan again: {again}"
    ),
    "resume_nothing": Message("run {run} has come to its end; there is nothing left to do, and this is its result."),
    "run_gone_on": Message(
        "run {run} has gone on since this file ({file}) was as it is: it is a copy, or was restored.",
        "Resume the run from its own file: imsync resume {run}. If that is gone, make a new plan: {again}",
    ),
    "plan_superseded": Message(
        "another run ({other}) has written to this account since run {run}.",
        "Plan again, so that the book is read afresh: {again}",
    ),
    "plan_old": Message(
        "the plan is {hours} hours old, and the book may have changed; it holds for 24.", "Plan again: {again}"
    ),
    "plan_other_account": Message(
        "the plan was made for another account.", "Use that account's key, hash and address, or plan again: {again}"
    ),
    "plan_input_changed": Message("{file} has changed since the plan was made.", "Plan again: {again}"),
    "plan_input_gone": Message(
        "{file} is not there any more, so nothing shows that the plan still fits it.",
        "Put it back where it was, or plan again: {again}",
    ),
    "plan_mapping_changed": Message("the mapping {file} has changed since the plan was made.", "Plan again: {again}"),
    "plan_tampered": Message("the changes in {file} are not those that were planned.", "Plan again: {again}"),
    "interrupted": Message(
        "stopped as asked; {pending:,} row is pending.",
        "Go on with: imsync resume {run}",
        many="stopped as asked; {pending:,} rows are pending.",
        by="pending",
    ),
    "stopped": Message("stopped before anything was decided.", "Run the command again."),
    "time_limit": Message(
        "the time of --max-runtime is up; {pending:,} row is pending.",
        "Go on with: imsync resume {run}",
        many="the time of --max-runtime is up; {pending:,} rows are pending.",
        by="pending",
    ),
    "time_limit_before": Message(
        "the time of --max-runtime was up before anything was decided.", "Give it more time, and run the command again."
    ),
    "settling": Message("Waiting until the files have not changed for {seconds} s."),
    "input_growing": Message(
        "the files were still changing after {minutes} minutes: {files}.", "Run it again when they are complete."
    ),
    "resuming_first": Message("First run {run} is finished, which was interrupted."),
    "stopped_at_once": Message("stopped at once; what was under way is unsure until it is settled."),
    "limit_reached": Message(
        "stopped after --limit {limit}; {pending:,} row is pending.",
        "Go on with: imsync resume {run}",
        many="stopped after --limit {limit}; {pending:,} rows are pending.",
        by="pending",
    ),
    "resume_advice": Message("Nothing is lost: go on with “imsync resume {run}”."),
    # Stops
    "api_not_authorised": Message(
        "the API does not accept the credentials (401).",
        "One of four causes: (1) the key or hash is wrong; (2) “Allow API access” is off in the panel (Settings →"
        " Security → Access Permissions), the commonest; (3) this computer's address is not on the account's fixed-IP"
        " list; (4) the address-book methods have not been enabled for the account: ask the customer representative.",
        _API_SAID,
    ),
    "api_wrong_address": Message(
        "{url} is not the address of the API ({reason}).",
        "Check --base-url, IMSYNC_BASE_URL and api.base_url; it ends in /v1.",
    ),
    "api_unreachable": Message(
        "{host} gives no good answer: {method} failed to the last retry ({reason}).",
        "Try again later; if it stays so, tell the provider.",
    ),
    "api_never_reached": Message(
        "{host} cannot be reached. In {seconds} s no request got an answer, the last one because {reason}",
        "Check the internet connection, and --base-url or IMSYNC_BASE_URL where you set one; ask whether a firewall or"
        " proxy stands between. Then run the command again.",
    ),
    "api_outage": Message(
        "{host} has not answered for {seconds} s, and this command waits no longer. At last {reason}",
        "Wait until it answers again.",
    ),
    "stopped_in_outage": Message(
        "stopped as asked, while {host} could not be reached.", "Go on when it answers again."
    ),
    "outage_begun": Message(
        "{host} does not answer: {reason}",
        "Everything waits; one request at a time looks whether it is back.",
    ),
    "outage_over": Message("{host} answers again after {seconds} s; going on."),
    "pace_unusable": Message(
        "the file that keeps the pace, {file}, cannot be used: {reason}.",
        "Make it readable and writable, or delete it; nothing is lost by that.",
    ),
    # Why no answer came: the end of a sentence
    "line_refused": Message("the connection was refused: nothing takes connections there."),
    "line_not_taken": Message("nobody took the connection in time."),
    "line_unknown_host": Message("no address is known for this name."),
    "line_no_route": Message("no connection could be made: the network is down, or does not lead there."),
    "line_certificate": Message(
        "the server's certificate is not valid for this name, or nobody we trust has signed it."
    ),
    "line_insecure": Message("no encrypted connection (TLS) could be agreed on."),
    "line_no_proxy": Message("the proxy that this machine is set to use (HTTPS_PROXY) did not make the connection."),
    "line_silent": Message("no answer came in time."),
    "line_closed": Message("the connection was closed without a whole answer."),
    "line_garbled": Message("what came was no HTTP answer."),
    "line_flooded": Message("the answer was far too large."),
    "line_server_trouble": Message("the server reported trouble of its own (5xx)."),
    "api_takes_nothing": Message(
        "the API has not taken {times} changes in a row, each to the last retry ({reason}).",
        "Resume later: nothing is lost.",
    ),
    "api_other_contact": Message(
        "asked for contact {asked}, the API answered with contact {id}; nothing more was sent.",
        "Tell the provider: with such answers no edit is safe.",
    ),
    "brake": Message(
        "the same error came {times} times in a row (status {status}), so its cause is not in the rows.",
        "Correct the cause (a group or custom field id in the mapping, most likely), then resume.",
        _API_SAID,
    ),
    "add_answered_other": Message(
        "the answer to this add shows another contact ({id}), whose {key} is “{stored}”, and no search shows one with "
        "“{value}”: nobody knows whether it was added.",
        "Look at contact {id} in the panel; the next sync looks for the row afresh.",
    ),
    "canaries_altered": Message(
        "the first {count} changes of a kind were all stored otherwise than meant: {field} should be “{meant}” and is "
        "“{stored}”. Nothing more was sent.",
        "Look at the report. If the mapping is wrong, correct it and plan again; if it may be so, resume with "
        "--allow altered.",
    ),
    "progress_retries": Message("{retries:,} sent again."),
    # The doctor
    "doctor_answers": Message("{url} answers, the first time after {seconds} s."),
    "doctor_proxy": Message(
        "requests go through the proxy {host}, as this machine is set (HTTPS_PROXY); what they say is encrypted."
    ),
    "doctor_access": Message(
        "The credentials are accepted. The account has {groups:,} groups, and {blacklisted} numbers on its blacklist."
    ),
    "doctor_state": Message("What imsync remembers is in {folder}."),
    "doctor_empty": Message(
        "No contact was found, so nothing can be learned of the search: a run's first add will be searched for."
    ),
    "doctor_looked": Message("Looked at {contacts:,} contacts to learn what searches find."),
    "doctor_key_unseen": Message("{key}: no contact that was looked at has one."),
    "doctor_key_anywhere": Message(
        "{key}: stored such as {stored}; any part of it is found, so many can be read with one search."
    ),
    "doctor_key_starts": Message(
        "{key}: stored such as {stored}; its beginning is found when written such as {searched}, so many can be read"
        " with one search."
    ),
    "doctor_key_whole": Message(
        "{key}: stored such as {stored}; found only whole, when written such as {searched}: a book that no group shows"
        " is read row by row."
    ),
    "doctor_key_blind": Message(
        "{key}: stored such as {stored}, of which some are found by no search: nothing can be added by it safely.",
        "Match by another key, or ask the provider how these can be searched for.",
    ),
    "doctor_case": Message("Names: large and small letters are different letters to the search."),
    "doctor_no_case": Message("Names: large and small letters are the same to the search."),
    "doctor_turkish": Message("Names: İ is i and I is ı to the search, as in Turkish."),
    "doctor_not_turkish": Message("Names: İ and i, or I and ı, are different letters to the search."),
    "doctor_whole_pages": Message("Pages have the API's own size, whatever is asked for."),
    "doctor_refused": Message(
        "{url} answers, but does not accept the credentials (401).", "There are four causes.", _API_SAID
    ),
    "cause_credentials": Message(
        "The key or the hash is wrong. Compare ILETIMERKEZI_API_KEY and ILETIMERKEZI_API_HASH (the environment beats"
        " .env) with the panel, letter by letter, without blanks around them."
    ),
    "cause_access": Message(
        "“Allow API access” is off: in the panel, Settings → Security → Access Permissions. This is the commonest."
    ),
    "cause_address": Message(
        "The account has a list of fixed IP addresses and this computer's is not on it: Settings → Security in the"
        " panel. A new internet connection or a VPN changes the address."
    ),
    "cause_methods": Message(
        "The address-book methods have not been enabled for the account: ask your customer representative."
    ),
    "reading_sweeps": Message(
        "Reading the book by {key}: searches: {terms:,}; requests: about {requests:,} in all, instead of {alone:,} row "
        "by row."
    ),
    "reading_look_ups": Message(
        "Reading the book by {key}: about {requests:,} requests, row by row, because searches find whole texts only."
    ),
    "reading_further_left_out": Message(
        "{rows:,} row that no contact matches has a further key, {key}. It was compared with the contacts that were"
        " read, but not searched for: that would take about {requests:,} requests.",
        "Where many contacts lack the stronger key, match by {key} first.",
        many="{rows:,} rows that no contact matches have a further key, {key}. It was compared with the contacts that"
        " were read, but not searched for: that would take about {requests:,} requests.",
        by="rows",
    ),
    "reading_incomplete": Message(
        "Searches for the beginning of a {key} do not show contact {id}, which has it.",
        next="Each row is looked up by itself instead.",
    ),
    "search_blind": Message(
        "contact {id} was added, but no search by {key} finds it after {seconds} s, so no absence is certain.",
        "Check in the panel that it is there; without a working search nothing can be added safely.",
    ),
    "journal_failed": Message(
        "{file} cannot be written: {reason}.",
        "Make room on the disk (or make it writable again), then resume: nothing is lost.",
    ),
    # Cells
    "phone_lost_digits": Message(
        "“{cell}” has lost its digits to scientific notation.", "Format the column as text in Excel and type it again."
    ),
    "phone_invalid": Message("“{cell}” is no phone number.", _CELL, {"near": _NEAR["near"]}),
    "phone_letter": Message("“{cell}” holds the letter “{letter}” among its digits.", "Type a digit in its place."),
    "phone_too_short": Message("“{cell}” is too short for a phone number.", _CELL),
    "phone_too_long": Message("“{cell}” is too long for a phone number.", _CELL),
    "phone_not_mobile": Message(
        "“{cell}” is not a mobile number, and only those get text messages.",
        "Correct it, or set kind: any in the mapping.",
    ),
    "phone_several": Message(
        "“{cell}” holds more than one number: {used} is used, “{left}” is not.", "Keep one number in the cell."
    ),
    "phone_extension": Message("“{cell}” holds more than a number: {used} is used, the extension “{left}” is not."),
    "phone_remark": Message("“{cell}” holds more than a number: {used} is used, “{left}” is not."),
    "email_invalid": Message("“{cell}” is no e-mail address: {reason}", _CELL),
    "email_several": Message(
        "“{cell}” holds more than one address: {used} is used, “{left}” is not.", "Keep one address in the cell."
    ),
    "id_invalid": Message("“{cell}” is no contact id.", "Use the whole number that a report showed."),
    "date_invalid": Message("“{cell}” is no date.", _CELL, {"formats": "Accepted here: {formats}."}),
    "date_impossible": Message(
        "there is no such day as “{cell}”, read with the day before the month.",
        "Correct the cell; where a sheet writes the month first, set input in the mapping.",
        {"near": _NEAR["near"]},
    ),
    "date_two_digit_year": Message(
        "“{cell}” does not say the century.", "Write the year with four digits, or set input with %y in the mapping."
    ),
    "date_other_weekday": Message("“{cell}”: that day is another day of the week.", _CELL),
    "date_is_number": Message(
        "“{cell}” is a plain number; as a date, Excel would show {shown}.",
        "If that is meant, format the column as a date in Excel and save it.",
    ),
    "choice_unknown": Message(
        "“{cell}” is not among the choices.",
        "Correct it, or add it to the mapping.",
        {"near": _NEAR["near"], "known": "They are: {known}."},
    ),
    "mojibake": Message(
        "“{cell}” has been read in the wrong encoding somewhere.",
        "Correct it where it was exported: save as CSV UTF-8, or as .xlsx.",
        {"near": _NEAR["near"]},
    ),
    "lost_letter": Message(
        "“{cell}” has lost a letter: a “�” stands in its place.", "Type it again, or export the file again."
    ),
    "control_character": Message("the cell holds an invisible control character.", "Type it again."),
    "formula_without_value": Message(
        "the cell holds a formula, and the file does not hold its result.",
        "Open the file in Excel, save it, and try again.",
    ),
    "error_cell": Message("the cell shows the error {cell}.", "Repair the formula, or type the value."),
    "cell_left_out": Message("{why} The row is used without this cell."),
    "row_too_long": Message(
        "the row has {cells} cells under {width} headers, so it may be shifted.",
        "Put cells that hold the delimiter in quotes.",
    ),
    # Rows
    "row_without_key": Message("the row has none of: {keys}; it could not find its contact.", "Fill in one of them."),
    "duplicate_rows": Message(
        "the same {key} stands in row {rows} too.",
        "Keep one of them, or set duplicates in the mapping: first, last or merge.",
    ),
    "duplicate_of": Message("the same {key} as row {row}, which counts."),
    "duplicates_differ": Message(
        "the same {key} as row {rows}, but “{field}” differs, so they cannot be merged.", "Correct one."
    ),
    "id_unknown": Message("there is no contact with id {id}.", "Correct the id, or leave it empty."),
    "key_changed": Message(
        "its {key} belongs to contact {ids}, which has another {stronger}: a new number, or another person?",
        "Correct the row or the contact; on_key_change: edit in the mapping takes it for the same person.",
    ),
    "several_contacts": Message(
        "several contacts have this {key}: {ids}.", "Merge them in the panel, or give the row a further key."
    ),
    "keys_disagree": Message(
        "its {key} belongs to contact {id}, its {further} to contact {ids}.",
        "Correct the row, or the contacts in the panel.",
    ),
    "absence_uncertain": Message(
        "no contact with this {key} was found, but that is not certain, so it was not added.",
        "Add it in the panel, or match by a key that search can see.",
    ),
    "key_of_other_contact": Message(
        "its {key} is that of contact {ids} too.", "Correct it, or merge them in the panel."
    ),
    "identity_doubled": Message(
        "“{cell}” stands in row {rows} too, with another key.",
        "It says who a row is: correct it, or keep one of the rows.",
    ),
    "identity_elsewhere": Message(
        "its keys find contact {id}, but by its identity it is contact {known}; nothing was sent.",
        "Correct the row, or join the two contacts in the panel.",
    ),
    "contact_taken": Message("contact {id} is what row {row} means too, by a stronger key.", "Keep one of the rows."),
    "key_of_other_row": Message(
        "its {key} stands in row {row} too, which has a stronger key: one person, or two?",
        "Put them into one row, or give this row the stronger key.",
    ),
    "group_unknown": Message(
        "there is no group “{group}” in the account.",
        "Correct it, or add the group.",
        {"known": "Its groups: {known}."},
    ),
    "group_ambiguous": Message("several groups are named “{group}”: {candidates}.", "Use the id, or Main group/Group."),
    # Groups, one by one
    "group_not_found": Message(
        "there is no group “{group}” in the account.",
        "“imsync groups list” shows them all.",
        {"near": "Did you mean “{near}”?", "known": "Its groups: {known}."},
    ),
    "group_name_wrong": Message(
        "“{name}” cannot be a group's name here.",
        "Say a name, or Main group/Group: there are two levels. With --parent or --main a name may hold a slash.",
    ),
    "group_too_deep": Message(
        "“{parent}” is no main group, so no group can be added within it.", "Name a main group: there are two levels."
    ),
    "group_name_taken": Message("there is a group “{name}” already: {id}.", "Choose another name."),
    "group_not_empty": Message(
        "“{path}” ({id}) is not empty (contacts: {contacts}, groups within it: {children}), and what becomes of them"
        " when it is removed is documented nowhere.",
        "To remove it all the same: imsync groups remove {id} --not-empty",
    ),
    "group_not_confirmed": Message("nothing was removed: not confirmed."),
    "group_no_terminal": Message(
        "nothing was removed: there is no terminal to ask on, and --yes was not said.", "Say --yes."
    ),
    "groups_new": Message(
        "{count} group that the account lacks is added first, where a change needs it: {groups}.",
        many="{count} groups that the account lacks are added first, where a change needs them: {groups}.",
    ),
    "group_not_created": Message("the group “{name}” could not be added, and no row was sent: {reason}"),
    "group_unresolved": Message(
        "the answer was lost each time, and no group “{name}” has appeared.",
        "Look again later (imsync groups list), then run the command once more: it adds nothing twice.",
    ),
    "group_doubled": Message("there are several groups “{name}”: {ids}.", "Keep one of them."),
    "group_stored_otherwise": Message("the API stored “{stored}” instead of “{name}”."),
    "group_moved": Message("“{name}” is now within group {parent}, where it was not before.", "Look in the panel."),
    "group_gone": Message("group {id} is not there any more.", "Look at: imsync groups list"),
    "group_still_there": Message("group {id} is still there, although the API said that it was deleted."),
    "group_children_left": Message("The groups that were within it are still there: {groups}."),
    "fields_looked_at": Message(
        "Contacts that were looked at, on the first pages of groups ({groups}): {contacts:,}. Others may have other"
        " fields.",
        "",
        {"left": "Groups not looked at: {left}; for more of them, --pages N."},
    ),
    "group_write_unresolved": Message(
        "the answer was lost {tries} times, and the groups do not show the change.", "Run the command again."
    ),
    # Exports
    "export_suffix": Message("{file} ends in neither .csv nor .xlsx.", "Name the file after what it is to be."),
    "export_one_name": Message("{file} cannot be the export and its mapping at once.", "Name another --write-mapping."),
    "export_exists": Message("{file} exists.", "Choose another name, or replace it with --force."),
    "export_mapping_foreign": Message(
        "{file} exists and was not written by an export, so it was left as it is.",
        "Name another file with --write-mapping.",
    ),
    "export_written": Message("Contacts written to {file}: {contacts:,}. Requests to read them: {requests:,}."),
    "export_sheets": Message("A sheet of Excel cannot hold them all: there are {sheets} sheets."),
    "export_beside": Message(
        "{cells:,} cell would be read as something else than the book holds; it stands in a column of its own, at the"
        " far right, which the mapping does not read.",
        many="{cells:,} cells would be read as something else than the book holds; they stand in columns of their own,"
        " at the far right, which the mapping does not read.",
        by="cells",
    ),
    "export_replaced": Message(
        "{cells:,} cell holds characters that such a file cannot, or too many; a mark stands in their place, and the"
        " mapping leaves this cell out.",
        many="{cells:,} cells hold characters that such a file cannot, or too many; a mark stands in their place, and"
        " the mapping leaves these cells out.",
        by="cells",
    ),
    "export_groups_left": Message(
        "{count:,} membership is left out: neither the name nor the id of its group means that group alone.",
        many="{count:,} memberships are left out: neither the name nor the id of their group means that group alone.",
    ),
    "export_back": Message("{mapping} reads it back.", "Try it: imsync plan {file} -m {mapping}"),
    # How far the book was read
    "reach_searched": Message(
        "Every group was read, and all that searches for {terms} show. A contact in no group is seen only where one of"
        " these searches shows it: there may be others."
    ),
    "reach_groups": Message(
        "Every group was read. A contact in no group is in no listing, and searches for parts of phone numbers or"
        " addresses show none here: there may be others."
    ),
    "reach_short": Message("{seen} of the {count} contacts that group “{group}” counts were seen."),
    "reach_short_more": Message(
        "{groups:,} other group counts more contacts than were seen: the report has it.",
        many="{groups:,} other groups count more contacts than were seen: the report has them.",
        by="groups",
    ),
    # Changes
    "contact_appeared": Message(
        "since the plan, contact {ids} with this key has appeared; nothing was sent.", "Run sync again."
    ),
    "contact_gone": Message(
        "the contact has been deleted since it was read; nothing was changed.", "Run sync again.", _API_SAID
    ),
    "contact_moved": Message(
        "somebody has changed {fields} of the contact since it was read; nothing was sent.", "Run sync again."
    ),
    "stored_altered": Message(
        "the API stored {fields} otherwise than sent.", "Both values are beside it; look at the contact."
    ),
    "verified_otherwise": Message(
        "read back at the end, {fields} is otherwise than it was stored.",
        "Both values are beside it: somebody has changed it since, or the API itself has.",
    ),
    "verified_gone": Message(
        "read back at the end, the contact is not there.", "Look for it in the panel; if it is missed, run sync again."
    ),
    "verified_not_deleted": Message(
        "read back at the end, the deleted contact is still there.", "Look at it in the panel."
    ),
    "verified_equal": Message(
        "{contacts:,} contact was read back: it is as the plan says.",
        many="{contacts:,} contacts were read back: they are as the plan says.",
        by="contacts",
    ),
    "verified_different": Message(
        "{contacts:,} contact was read back: it is not as the plan says.",
        many="{contacts:,} contacts were read back: {different:,} of them not as the plan says.",
        by="contacts",
    ),
    "verified_nothing": Message("Nothing had been written, so there was nothing to read back."),
    "verify_stopped": Message(
        "stopped while reading back; all changes had been made.", "Read back again with: imsync resume {run} --verify"
    ),
    "add_unresolved": Message(
        "the answer was lost; after {seconds:g} s no search finds {value}, but nothing shows that a search would.",
        "Look for {value} in the panel, then run sync again: it adds the contact only if it is not there.",
    ),
    "add_found_several": Message(
        "the answer was lost, and now several contacts have its key: {ids}.", "Look at them in the panel."
    ),
    "add_found_other": Message(
        "the answer was lost, and contact {ids} has its key but other details.", "Look at it in the panel."
    ),
    "add_keeps_failing": Message(
        "sent {tries} times, and each time it certainly did not arrive.", "Run sync again later."
    ),
    "edit_found_other": Message(
        "the answer was lost, and {fields} of the contact are now neither what was there nor what was sent.",
        "Look at it in the panel.",
    ),
    "edit_unresolved": Message("the answer was lost {tries} times.", "Run sync again: it compares afresh."),
    "search_refused": Message(
        "the answer was lost, and the search for the contact was refused.", "Run sync again.", _API_SAID
    ),
    "delete_found_other": Message(
        "the answer to its delete was lost, and {fields} of the contact are not what they were before.",
        "Look at it in the panel.",
    ),
    "delete_unresolved": Message(
        "the answer was lost {tries} times, and the contact is still there.", "Look at it in the panel."
    ),
    # Undo
    "undo_of": Message("Undoes run {run}, which was begun at {begun}: a row here is a change of that run."),
    "undo_before": Message("It was undone before, by run {run}."),
    "undo_new_ids": Message(
        "{count:,} contact that had been deleted is added again: it gets a new id.",
        many="{count:,} contacts that had been deleted are added again: they get new ids.",
    ),
    "undo_deletes": Message(
        "{count:,} contact that the run added is deleted; adding it again gives it a new id.",
        many="{count:,} contacts that the run added are deleted; adding them again gives them new ids.",
    ),
    "undo_groups": Message("Groups that the run created are removed at the end, if they are empty by then: {groups}."),
    "undo_not_begun": Message("run {run} has been planned, not carried out.", "There is nothing to undo."),
    "undo_run_missing": Message(
        "undo needs a run.",
        "Name it: imsync undo RUN; “last” is the one that was carried out last.",
        {"last": "The last runs: {last}."},
    ),
    "undo_other_account": Message("run {run} wrote to another account.", "Use that account's key, hash and address."),
    "undo_moved": Message(
        "since the run, somebody has changed {fields}; it was left as it is. What the run stored, and what is there"
        " now: {values}.",
        "If it is to go back all the same, do it in the panel.",
    ),
    "undo_edit_gone": Message("the contact has been deleted since the run, so nothing can be put back."),
    "undo_already_gone": Message("the contact that the run added is not there any more."),
    "delete_already_gone": Message("somebody else has deleted the contact already."),
    "undo_as_before": Message("the contact is as it was before the run already."),
    "undo_group_gone": Message(
        "it was in {groups} before the run, and there is no such group any more; nothing was sent.",
        "Put it into another group in the panel.",
    ),
    "undo_key_taken": Message(
        "contact {ids} has its {key} {value} by now, so it was not added again.", "Look at it in the panel."
    ),
    "undo_no_key": Message(
        "the deleted contact had neither phone number nor e-mail, so nobody can be certain that it is not there; it was"
        " not added again.",
        "Add it in the panel.",
    ),
    "undo_add_unresolved": Message(
        "the run could not find out whether it added {value}.",
        "Look for {value} in the panel, and delete it there if the run has added it.",
    ),
    "undo_edit_unresolved": Message(
        "the run could not find out whether it edited {value}, and the contact is neither as it was nor as was meant.",
        "Look at it in the panel.",
    ),
    "undo_edit_not_seen": Message(
        "the run could not find out whether it edited the contact, which is as it was before; nothing was sent."
    ),
    "undo_delete_unresolved": Message(
        "the run could not find out whether it deleted {value}.", "Look for {value} in the panel."
    ),
    "undo_group_kept": Message("The group “{group}”, which the run had created, is kept: {reason}"),
    "undo_group_removed": Message("The group “{group}”, which the run had created, was empty and has been removed."),
    "group_has_children": Message("it has {count} group within it.", many="it has {count} groups within it."),
    "group_has_contacts": Message("it has contacts ({count})."),
    "group_not_removed": Message("the group “{name}” could not be removed: {reason}"),
    # The blacklist
    "number_blacklisted": Message("the row's number is on the account's blacklist, so it must not be messaged."),
    "blacklist_incomplete": Message(
        "the blacklist has {count:,} numbers by its own count, and {read:,} came; rows with the others are not flagged."
    ),
    # What the API refuses
    "api_unsendable": Message(
        "a value cannot be sent in this format: {reason}.", "Use --wire json, or correct the value."
    ),
    "api_not_done": Message(
        "the API did not take it to the last retry ({reason}); nothing was written.", "Run sync again later."
    ),
    "api_no_answer": Message("no readable answer came."),
    "api_contact_gone": Message("there is no such contact (465).", "", _API_SAID),
    "api_unparsed": Message(
        "the API could not read the request (400).", "Look for unusual characters in the row.", _API_SAID
    ),
    "api_invalid_values": Message("the API does not accept a value (422).", "Correct the row.", _API_SAID),
    "api_group_name_empty": Message("the group has no name (461).", "", _API_SAID),
    "api_group_id_unknown": Message("the group id is empty or not in this account (462).", "", _API_SAID),
    "api_group_unknown": Message("there is no such group (463).", "Correct the group, or run sync again.", _API_SAID),
    "api_page_zero": Message("the API counts pages from 1 (464).", "", _API_SAID),
    "api_number_invalid": Message("the API does not accept the phone number (466).", "Correct it.", _API_SAID),
    "api_term_too_short": Message("a search term needs three characters (471).", "", _API_SAID),
    "api_contact_empty": Message("a contact needs a name, surname, phone or e-mail (472).", "Fill in one.", _API_SAID),
    "api_custom_field_unknown": Message(
        "there is no custom field with such an id (473).",
        "Correct the id under custom_fields in the mapping.",
        _API_SAID,
    ),
    # Past runs
    "runs_none": Message("there are no runs in {state}.", "The first one is made by “imsync plan” or “imsync sync”."),
    "runs_older": Message(
        "{count:,} older run is not shown.",
        "“imsync runs list --all” shows them.",
        many="{count:,} older runs are not shown.",
    ),
    "past_next_resume": Message("It has not come to its end. This goes on where it stopped."),
    "past_next_undo": Message("This puts back what the run changed; it is shown before anything is sent."),
    "past_next_undone": Message("An undo of it has begun, and this is how that stands."),
    "past_next_stale": Message(
        "This plan cannot be carried out any more: it is too old, or another run has written since.",
        "Plan again.",
    ),
    "past_next_report": Message("This writes its reports again."),
    "past_next_why": Message("This tells everything that is known of one row."),
    "past_superseded": Message("Another run has written to the account since."),
    # Forgetting runs
    "purge_age_wrong": Message("“{age}” is no age.", "Say a number of days or weeks, such as 90d or 12w; at least 1d."),
    "purge_nothing": Message("No run is that old."),
    "purge_unfinished": Message("{run} is kept: it has not come to its end. “imsync resume {run}” finishes it."),
    "purge_elsewhere": Message("{file} was saved outside the state directory and is left.", "Delete it yourself."),
    "purge_plan": Message("Would be deleted: runs: {runs}, reports: {reports}."),
    "purge_done": Message("Deleted: runs: {runs}, reports: {reports}."),
    "purge_ask": Message(
        "To be deleted: runs: {runs}, reports: {reports}. They cannot be undone or told of any more. Go on?"
    ),
    "purge_no_terminal": Message("there is nobody here to ask, so nothing was deleted.", "Say --yes."),
    "purge_not_confirmed": Message("nothing was deleted."),
    "forget_unclear": Message(
        "“{asked}” is neither a phone number nor an e-mail.", "Say for example: imsync forget +905001112233"
    ),
    "forget_nothing": Message("Nothing on this machine tells of this person."),
    "forget_plan": Message(
        "{runs} run(s) would be forgotten, {files} file(s) deleted, and {entries} entries of what jobs remember."
    ),
    "forget_ask": Message(
        "Forget {runs} run(s), with all their other rows, delete {files} file(s), and {entries} entries of what jobs"
        " remember?"
    ),
    "forget_done": Message(
        "{runs} run(s) were forgotten, {files} file(s) deleted, and {entries} entries of what jobs remember."
    ),
    "forget_unread": Message("{file} cannot be read; whether the person is in it is not known.", "Delete it yourself."),
    "forget_input": Message("{file} is your own file; the person may be in it still."),
    "purge_failed": Message("{file} cannot be deleted: {reason}.", "Give the same command again when it can."),
    # One row's story
    "why_asked_unclear": Message(
        "“{asked}” is neither a row number, nor a phone number, nor an e-mail.",
        "Say for example: imsync why last 4711, or +905001112233, or ada@example.com, or customers.csv:4711.",
    ),
    "why_key_unknown": Message(
        "no row of run {run} is known to have the {field} {value}.",
        "Rows that were unchanged are found by their strongest key alone; every row is found by its number.",
    ),
    "why_file_unknown": Message("the run has no file or sheet “{file}”.", "It has: {known}."),
    "why_row_unknown": Message(
        "row {row} is no data row of run {run}: it is blank, a header, or behind the last row.",
        "",
        {"near": "The nearest data rows: {near}."},
    ),
    "why_several": Message(
        "{count} rows are meant; each is told.", "One alone is told when its file is named: {first}."
    ),
    "why_many": Message("Only the first {count} rows are told."),
    "why_departed": Message("No row of the sheet is this contact any more. An earlier run of the job has written it."),
    "why_cells_gone": Message(
        "The cells of this row are not kept in the run file, because there was nothing left to do about it.",
        "They stand in row {row} of {file}.",
    ),
    "why_cells_undo": Message("The row is a change of run {run}, which this run undoes.", "That run has its cells."),
    "why_keys": Message("The row's keys: {said}."),
    "why_compared_none": Message("No contact of the book had one of them when it was read ({moment})."),
    "why_compared_by": Message("Contact {id} has the row's {keys} (the book was read {moment})."),
    "why_compared_id": Message("Contact {id} is the one that is meant (the book was read {moment})."),
    "why_met": Message("Its {key} belongs to contact {contacts}."),
    "why_met_none": Message("No contact has its {key}."),
    "why_compared_same": Message(
        "Contact {id} held everything that the row says when the book was read ({moment}), so there was nothing to"
        " send. Its values are not kept in the run file."
    ),
    "why_not_compared": Message("The row decided it by itself, or with other rows; nothing was to be sent."),
    "why_sending": Message("{method} is about to leave (try {number})."),
    "why_unsent": Message("It had not left; the change waits for its turn again."),
    "why_unsure": Message("No answer that can be relied on ({code}); whether it was carried out is found out next."),
    "why_done": Message("The API has answered; the contact is stored."),
    "why_done_found": Message("It was looked for and is there: it had been carried out."),
    "why_done_before": Message("The contact was so already; nothing needed to be sent."),
    "why_read_back": Message("It was read back, and is otherwise in the book than was meant."),
    "why_read_again": Message("It was read back once more, and is as the run left it."),
    "why_gone": Message("The API has answered; the contact is deleted."),
    "why_refused": Message("Ended as failed: nothing was written."),
    "why_in_conflict": Message("Ended in conflict; nothing more was sent."),
    "why_open": Message("It could not be found out what became of it; nothing more was sent."),
    "why_nothing_sent": Message("Nothing has been sent for it."),
    "why_as_meant": Message("What the API showed of contact {id} last is what was meant."),
    "why_otherwise": Message("What the API showed of contact {id} last is not what was meant."),
    "why_next_correct": Message(
        "Correct the row in the sheet, or in the rejected file of the reports, and sync again."
    ),
    "why_next_apply": Message("Nothing was sent yet: the plan has to be carried out."),
    "why_next_resume": Message("It has not been tried to the end. This goes on."),
    "why_next_nothing": Message("Nothing has to be done."),
    # The page (report.html)
    "page_plan": Message("Nothing has been written yet."),
    "page_refused": Message("Stopped before anything was written."),
    "page_plan_changes": Message("Carrying out this plan adds {added} and edits {edited}."),
    "page_plan_deletes": Message("Carrying out this plan deletes {deleted}, adds {added} and edits {edited}."),
    "page_plan_nothing": Message("There is nothing to change."),
    "page_compared": Message("This is a comparison: nothing was written, and no plan is saved."),
    "page_compared_changes": Message("To agree with the sheet, the book needs {added} added and {edited} edited."),
    "page_run_changes": Message("This run added {added} and edited {edited}."),
    "page_run_deletes": Message("This run deleted {deleted}, added {added} and edited {edited}."),
    "page_run_nothing": Message("This run changed nothing."),
    "page_same": Message("The book already agrees with {rows}."),
    "page_duplicate": Message("The same contact as another row, which counts: {rows}."),
    "page_held": Message("Left alone on purpose: {rows}."),
    "page_cannot": Message("{rows} cannot be carried out; the reasons are below."),
    "page_troubled": Message("{rows} did not make it; the reasons are below."),
    "page_unresolved": Message("What became of {rows} could not be established."),
    "page_pending": Message("Still to be tried: {rows}."),
    "page_altered": Message("Stored by the API otherwise than sent: {rows}."),
    "page_otherwise": Message("Stored otherwise than sent, or found otherwise when it was read back: {rows}."),
    "page_partial": Message("The file is a part of the whole: what it lacks is missing for no other reason."),
    "page_new_groups": Message("Groups that are created first: {groups}."),
    "page_cost": Message("Carrying it out takes at least {requests}: {time} at {rate} a second."),
    "page_tempo": Message("{requests} from {first} to {last}. Each bar stands for {width}, the highest for {most}."),
    "page_tempo_again": Message("Sent again: {again}; answers lost: {unsure}."),
    "page_tempo_below": Message("These stand below the line."),
    "page_tempo_smooth": Message("Nothing had to be sent again."),
    "page_tempo_rests": Message("Long times in which nothing was sent are left out."),
    "departed_counts": Message("{contacts} whose rows have left the sheet: {counts}."),
    "page_removed": Message("They are listed in {file}."),
    "page_remote_only": Message("In the book alone, with no row: {contacts}. They are listed in {file}."),
    "page_book_duplicates": Message(
        "Keys that several contacts of the book share: {count}. They are listed in {file}."
    ),
    "page_limited": Message(
        "This page shows {shown} of {rows}: first those that need a look, then those that change.",
        "The others are in {file}.",
    ),
    "page_noscript": Message("The table of rows needs JavaScript.", "The rows are in {file} too."),
    "page_next_apply": Message("If this is what you want, this is what to type."),
    "page_next_allow": Message(
        "The guards stop this plan. If all of it is meant so, this lifts the guards once and carries it out."
    ),
    "page_next_resume": Message("Some rows have not been tried yet. This goes on where the run stopped."),
    "page_next_correct": Message(
        "{file} holds the rows that did not make it, with the reasons at the far right.",
        "Correct them there, and feed that file in.",
    ),
    "page_next_plan": Message("To bring the book into agreement, make a plan first; it shows all this once more."),
    "page_next_unresolved": Message(
        "For unresolved rows, look for the contact in the panel; then run sync again, which adds only what is missing."
    ),
    "page_next_altered": Message("Where the API stored something else, compare both values in the table below."),
    "page_next_nothing": Message("There is nothing left to do."),
    # The workbooks (report.xlsx, rejected.xlsx)
    "book_reasons_counted": Message(
        "Each line counts the rows with that reason. A row with several reasons is in several lines, so that the lines"
        " may add up to more than the rows: {counts}."
    ),
    "book_replaced": Message(
        "Cells with characters that no workbook can hold: {count}; “\ufffd” stands in their place.",
        "The input and report.json have the texts as they were.",
    ),
    "book_cut": Message(
        "Cells with more than the 32,767 characters that fit: {count}; they end with “…”.",
        "The input and report.json have the texts as they were.",
    ),
    "book_columns_left": Message("Columns of the input that did not fit into the sheet: {count}."),
    "rejected_replaced": Message(
        "In this row, characters that no workbook can hold were replaced by “\ufffd” ({columns}).", "Correct them too."
    ),
    "rejected_cut": Message(
        "In this row, text that does not fit into a cell was cut ({columns}).", "Correct that in the original."
    ),
}


# Words and phrases of the page, none of them a sentence.
LABELS: Mapping[str, str] = {
    "page_title_plan": "Plan for {files}",
    "page_title_compared": "Comparison of {files}",
    "page_title_run": "Run of {files}",
    "page_title_undo": "Undo of run {run}",
    "page_status_planned": "planned",
    "page_status_completed": "completed",
    "page_status_completed_with_errors": "completed with errors",
    "page_status_refused": "refused",
    "page_status_interrupted": "interrupted",
    "page_status_aborted": "aborted",
    "page_would_added": "to add",
    "page_would_edited": "to edit",
    "page_would_deleted": "to delete",
    "undo_would_edited": "to put back",
    "page_would_unchanged": "unchanged",
    "page_would_rejected": "rejected",
    "page_would_duplicate": "duplicate",
    "page_would_conflict": "in conflict",
    "page_would_held": "held",
    "page_would_failed": "failed",
    "page_would_unresolved": "unresolved",
    "page_would_pending": "pending",
    "page_done_added": "added",
    "page_done_edited": "edited",
    "page_done_deleted": "deleted",
    "page_done_unchanged": "unchanged",
    "page_done_rejected": "rejected",
    "page_done_duplicate": "duplicate",
    "page_done_conflict": "in conflict",
    "page_done_held": "held",
    "page_done_failed": "failed",
    "page_done_unresolved": "unresolved",
    "page_done_pending": "pending",
    "page_more_names": "{count} more",
    "page_more_letters": "… ({count} more letters)",
    "page_more_reasons": "{count} other reasons",
    "page_sheet_of": "{file}, sheet “{sheet}”",
    "page_places_more": "{places} and {count} more",
    "page_in_rows": "Rows: {places}",
    "page_file": "File",
    "page_rows": "Rows",
    "page_account": "Account",
    "page_account_at": "{id} at {url}",
    "page_account_named": "{profile} at {url} ({id})",
    "page_mapping": "Mapping",
    "page_read_at": "Book read",
    "page_created": "Planned",
    "page_begun": "Carried out",
    "page_requests": "Requests",
    "page_requests_told": "{count} (sent again: {again})",
    "page_took": "Took",
    "page_run": "Run",
    "page_skip": "To the rows",
    "page_guards": "More than the guards allow",
    "page_next": "What to do next",
    "page_outcomes": "Outcomes",
    "page_outcome": "Outcome",
    "page_method": "Method",
    "page_sent": "Sent",
    "page_tempo": "Requests over time, and what was sent again",
    "page_tempo_table": "The same as a table",
    "page_tempo_from": "From",
    "page_tempo_again": "Sent again",
    "page_tempo_unsure": "Answer lost",
    "page_tempo_done": "Changes done",
    "page_tempo_bar": "{at}: {requests}",
    "page_tempo_bar_again": "{at}: {requests} (sent again: {again}, answers lost: {unsure})",
    "page_reasons": "Reasons",
    "page_reason": "Reason",
    "page_show_rows": "Show these rows",
    "page_facts": "Files, account and times",
    "page_table": "Rows",
    "page_row": "Row",
    "page_key": "Key",
    "page_details": "Changes and reasons",
    "page_search": "Search",
    "page_filter": "Show only",
    "page_all_reasons": "All reasons again",
    "page_pages": "Pages of the table",
    "page_back": "Previous",
    "page_on": "Next",
    "page_altered": "stored otherwise",
    "page_becomes": "becomes",
    "page_contact": "contact {id}",
    "page_empty": "(empty)",
    "page_in_reason": "Only rows with this reason: {reason}",
    "page_no_rows": "No row is like this.",
    "page_of_pages": "{first}–{last}",
    "page_of_rows": "{shown} of {all} rows",
    "page_printed": "printed: the first {count}",
    # The workbook
    "book_summary": "Summary",
    "book_rows": "Rows",
    "book_conflicts": "Conflicts",
    "book_duplicate_rows": "Duplicate rows",
    "book_remote_only": "Remote only",
    "book_removed": "Removed",
    "book_contact": "Contact",
    "page_departed": "Contacts whose rows have left the sheet",
    "departed_would_edited": "to take out of groups",
    "departed_done_edited": "taken out of groups",
    "departed_left": "left as they are",
    "book_duplicates": "Duplicates",
    "book_file": "File",
    "book_sheet": "Sheet",
    "book_row": "Row",
    "book_key": "Key",
    "book_outcome": "Outcome",
    "book_contact_id": "Contact id",
    "book_changes": "Changes",
    "book_reason": "Reason",
    "book_to_do": "What to do",
    "book_code": "Code",
    "book_attempts": "Attempts",
    "book_contacts": "Contacts",
    "book_value": "Value",
    "book_suggested": "Suggested",
    "book_becomes": "{field}: {before} → {after}",
    "book_set": "{field}: {value}",
    "book_stored": "{field}: {sent} was sent, {stored} is stored",
    "book_unseen": "{field}: {before} → {after} (they differ in characters that cannot be seen)",
    "book_column_unnamed": "(column {number})",
    "book_status": "Status",
    "book_job": "Job",
    "book_rate": "Requests a second",
    "book_rate_allowed": "At most allowed",
    "book_seconds": "Seconds",
    "book_retries": "Sent again",
    "book_stored_otherwise": "Stored otherwise",
    "book_contacts_read": "Contacts read",
    "book_shared": "Duplicates in the book",
    "book_read": "Book read",
    "book_of_rows": "{reasons} in {rows} ({outcome})",
    "book_example": "For example row {row}: {said}",
    "book_limits": "What did not fit",
    "book_guards": "Guards",
    "book_guards_kept": "none is broken",
    "book_guards_broken": "broken: {names}",
    "book_guards_lifted": "lifted for this run: {names}",
    "book_by_method": "Requests by method",
}


# Words, phrases and short lines of the terminal.
PHRASES: Mapping[str, str] = {
    # Figures
    "hours": "{hours} h {minutes} min",
    "minutes": "{minutes} min {seconds} s",
    "seconds": "{seconds} s",
    "whole_minutes": "{minutes} min",
    "whole_hours": "{hours} h",
    "run_last": "the last run",
    "process": "process {number}",
    "row_placeholder": "ROW",
    "fields_number": "id",
    "row_at": "row {row}",
    "row_reason": "Row {row}:",
    "row_left": "whose row had left the sheet",
    "rows_at": "rows {rows}",
    "and_more": "{shown} and {count} more",
    "more_in_report": "… and {count} more in the report",
    "reasons_in_report": "… and {reasons} in the report",
    # The end of a run
    "end_of_run": "Run {run}: {status}. {rows}: {counts}.",
    "end_of_nothing": "Run {run}: {status}. There are no rows.",
    "end_requests": "{requests}, {retries} sent again, {time}.",
    "end_altered": "{rows} stored otherwise than sent: the report shows both values.",
    "end_otherwise": "{rows} stored otherwise than sent, or found otherwise when read back: the report shows both"
    " values.",
    # A plan
    "plan_title": "Plan {run}",
    "plan_undo_title": "Undo of run {undoes} (plan {run})",
    "plan_compared": "Compared",
    "plan_head": "{what}: {files}, {rows}",
    "plan_partial": "A part of the whole: what it lacks is missing for no other reason.",
    "plan_first_edited": "First edits ({shown} of {count})",
    "plan_first_added": "First adds ({shown} of {count})",
    "plan_first_deleted": "First deletes ({shown} of {count})",
    "plan_edited": "Edits ({count})",
    "plan_added": "Adds ({count})",
    "plan_deleted": "Deletes ({count})",
    "plan_unseen": "(they differ in characters that cannot be seen)",
    "plan_nothing_else": "nothing else",
    "plan_notes": "Worth knowing",
    "plan_read": "Read with {requests} ({methods}).",
    "plan_read_none": "Read with {requests}.",
    "plan_nothing_to_undo": "Nothing to undo.",
    "plan_every_row": "Nothing to change: the book holds every row as the sheet says.",
    "plan_every_other_row": "Nothing to change: the book holds every other row as the sheet says.",
    "plan_at_once": "less than a second",
    "plan_cost": "Applying takes about {requests} ({parts}): {time} at {rate} a second.",
    "plan_limit": "--limit {limit}: the first {limit:,} of {changes:,} changes are tried, the rest stays pending.",
    "plan_guards": "More than the guards allow",
    "plan_lifted": "{said} Lifted this once.",
    # A check
    "check_no_rows": "There are no data rows below the header.",
    "check_good": "good",
    "check_duplicates": "Duplicates",
    "check_sheet": "sheet “{sheet}”",
    "check_csv": "{encoding}, delimiter {delimiter}, quotation mark {quote}",
    "check_csv_unquoted": "{encoding}, delimiter {delimiter}, no quotation marks",
    "check_csv_guessed": "{encoding}, delimiter {delimiter}",
    "check_tab": "tab",
    "check_file": "{file}: {how}, header in row {row}, {rows}",
    "check_file_guessed": "{file}: {how}, header in row {row}",
    "check_column": "Column",
    "check_is": "is",
    "check_filled": "filled",
    "check_bad": "bad",
    "check_example": "for example",
    "check_unmapped": "Not in the mapping: {columns}",
    "check_groups": "Whether the account has the groups is seen by “imsync plan”.",
    "check_title": "{title} ({rows})",
    "check_title_several": "{title} ({rows}, for {reasons}: a row may have several)",
    "check_row_likewise": "row {row}; likewise row {rows}",
    "check_rows_likewise": "row {row}; likewise rows {rows}",
    "check_to_correct": "To correct and feed in again:",
    "check_advice": "To get the rejected rows as a file to correct, add: --report-dir DIR",
    # The book's side
    "side_alone_none": "No contact is in the book alone, as far as it could be read.",
    "side_alone": "In the book alone, with no row ({count})",
    "side_no_group": "in no group",
    "side_shared": "Contacts of the book that share a key ({count})",
    "side_keep": "{key} {value}: {ids}; to keep: {id}",
    "side_reach": "How far the book was read",
    # Past runs
    "job_not_begun": "not begun",
    "job_ended": "{status}, exit code {code}, run {run}: {counts}",
    "login_ask_key": "API key",
    "login_ask_hash": "API hash",
    # The command line
    "ask_no_by_default": "y/N",
    "ask_again": "Type y for yes, or n for no.",
    "ask_sync": "Add {added:,} and edit {edited:,} contacts?",
    "ask_adds": "Add {contacts}?",
    "ask_edits": "Edit {contacts}?",
    "ask_parts": "Carry out {parts}?",
    "ask_undo": "Delete {deleted:,} contacts, put back {edited:,}?",
    "ask_undo_deletes": "Delete {contacts}?",
    "ask_undo_edits": "Put back {contacts}?",
    "ask_undo_adds": "Delete {deleted:,} contacts, put back {edited:,} and add {added:,} again, with new ids?",
    "ask_limit": "Carry out the first {limit:,} of {changes:,} changes?",
    "ask_group": "Remove “{group}” (id {id}; contacts: {contacts}, groups within it: {groups})?",
    "stopping": "Stopping: requests under way come to their end. Once more stops at once.",
    "stopped": "stopped.",
    "bug": "an unexpected error, which is a bug: {error}",
    "bug_advice": "Run it again with -v for the details. A run that had begun can be resumed: imsync resume",
    "reports": "Reports:",
    "no_command": "There is no command “{command}”.",
    "mapping_missing": "With “{command}” you make one out of the file.",
    "near_command": "Did you mean “imsync {command}”?",
    "some": "some",
    "no_duration": "“{given}” is no span of time such as 30s, 10m, 2h or 90d.",
    "no_outage": "“{given}” is no outage such as {ways}.",
    "log_debug": "DEBUG",
    "log_info": "INFO",
    "log_warning": "WARNING",
    "log_error": "ERROR",
    "log_critical": "CRITICAL",
    "log_failed": "{method} at {url} failed ({reason}), attempt {number} of {of}",
    "log_probe_failed": "{method} at {url} failed ({reason})",
    "log_probe_refused": "{method} at {url} was refused ({status})",
    "main_or_parent": "--main and --parent exclude each other.",
    "bar_rate": "{rate}{unit}/s",
    "bar_line": "{done} of {total}{unit}, {elapsed} passed, {remaining} left, {rate}",
    "bar_line_open": "{done}{unit}, {elapsed} passed, {rate}",
    "group_added": "Added",
    "group_edited": "Renamed",
    "group_deleted": "Removed",
    "group_unchanged": "There already",
    "group_failed": "Not done",
    "group_unresolved": "Unresolved",
    "group_pending": "Stopped before anything was sent",
    "group_done": "{done}: {group} (id {id}).",
    "groups_none": "The account has no groups.",
    "groups_counted": "{main}, {within} within them. The counts are the API's; a main group's may include those within"
    " it.",
    "group_count_unknown": "count unknown",
    "fields_none": "No contact that was looked at has a custom field.",
    "fields_contacts": "contacts",
    "fields_type": "type",
    "fields_values": "values",
    "init_taken_for": "Taken for",
    "init_samples": "Some of its cells",
    "init_left": "Custom fields of the account for which no column was recognised:",
    "init_candidates": "Columns for custom fields are left alone until the mapping has their fields' ids.",
    "init_written": "Written: {file}",
    "init_next": "Look it over, then: {command}",
    "init_candidate": "custom field (id?)",
    "init_nothing": "nothing: blank",
    # What “imsync init” and “imsync export” write into a mapping
    "made_export": "it has written this file, and replaces it with --force. To read the export back:",
    "made_export_rules": "A cell that cannot be used is left out of its row (on_bad); an empty cell erases nothing.",
    "made_advice": "For help in an editor: imsync schema -o FILE, and that file's name in the line above.",
    "made_head": "The mapping for {file}: what each column means in the address book.",
    "made_guessed": "“imsync init” has guessed it from headers and cells. Look it over; “imsync check” tells what it"
    " does.",
    "made_job": "what this job is called in reports",
    "made_match": "How a row finds its contact: the first key that the row has decides.",
    "made_match_more": "also: id, or a custom field such as custom:3",
    "made_not_usable": "NOT USABLE YET: no column was found that holds mobile numbers or e-mail addresses, and a row"
    " finds its contact by one of them. Put such a column into the file and name it under fields.",
    "made_source": "what was detected; whatever stands here is not detected again",
    "made_sheet": "the sheet to read",
    "made_detected": "detected",
    "made_header_row": "the row with the headers",
    "made_empty": "texts that mean an empty cell",
    "made_no_header": "Row {row} does not look like headers, but a file must have them: that row is not read. Put a row"
    " with headers above it, and make the mapping again.",
    "made_given": "the given names of a full name",
    "made_surname": "its last word, or what stands before a comma",
    "made_no_name": "no column was taken for given names",
    "made_no_surname": "no column was taken for surnames",
    "made_no_email": "no column was taken for e-mail addresses",
    "made_no_gsm": "no column was taken for mobile numbers",
    "made_also_email": "“{header}” holds e-mail addresses too; a contact has one. To use the first that fits, of both:",
    "made_also_gsm": "“{header}” holds mobile numbers too; a contact has one. To use the first that fits, of both:",
    "made_same_header": "several columns are called “{header}”",
    "made_headless": "the column has no header",
    "made_custom": "Custom fields go by the ids that the provider's panel shows.",
    "made_custom_take": "The columns behind a # are left alone. To take one into the address book, put its field's id"
    " in the place of ID, and take the # away.",
    "made_custom_take_first": "The columns behind a # are left alone. To take one into the address book, put its"
    " field's id in the place of ID, and take the # away (also before custom_fields).",
    "made_custom_none": "No further column was found.",
    "made_custom_left": "Fields of the account for which no column was recognised:",
    "made_custom_filled": "{number}, filled in {count} of the contacts that were looked at",
    "made_recognised": "recognised by its cells; make sure",
    "made_maybe": "its cells may be those of one of these fields: {numbers}",
    "made_zeros": "leading zeros are kept",
    "made_row_number": "a number that names the row",
    "made_no_groups": "groups of every row; no column with groups was found",
    "made_groups": "names or ids; , ; or | between several",
    "made_groups_add": "add: a contact leaves no group because of this file",
    "made_groups_always": "groups of every row",
    "made_groups_rejected": "A row with a group that the account does not have is rejected.",
    "made_groups_lacking": "The account lacks these groups, and rows that name them are rejected (or several have the"
    " name):",
    "made_groups_more": "… and {count} more",
    "made_on_blank": "an empty cell erases nothing; clear: it empties the field",
    "made_duplicates": "rows with the same key are rejected; or: first, last, merge",
    "made_key_change": "same e-mail but another phone: ask a person; or: edit",
    "demo_serves": "A sandbox with {contacts} contacts serves {url}",
    "demo_again": "The sandbox has {contacts} contacts now. The same sheet once more …",
    "demo_done": "… takes {requests} requests ({methods}) and changes nothing.",
    "demo_wrong": "the second sync should have had nothing to do; please report this.",
    "demo_missing": "it was not installed",
    "doctor_ok": "ok",
    "doctor_no": "NO",
    "doctor_other": "other texts",
    "sandbox_serves": "Serving {book} at {url} (stop with Ctrl-C). In another terminal:",
    "sandbox_book": "{contacts:,} contacts in {groups:,} groups",
    "sandbox_empty": "an empty book",
    "sandbox_stopped": "Stopped.",
    "type_text": "text",
    "type_date": "date",
    "type_choice": "choice",
    # Past runs
    "past_title": "Run {run} ({what}): {status}",
    "past_plan": "plan",
    "past_apply": "carried out",
    "past_undo": "undo of {run}",
    "past_undo_plan": "planned undo of {run}",
    "past_files_more": "{files} and {count} more",
    "past_input": "Input",
    "past_header_row": "headers in row {row}",
    "past_job": "Job",
    "past_keys": "Keys",
    "past_ended": "Last word",
    "past_undoes": "Undoes",
    "past_undone_by": "Undone by",
    "past_groups_made": "Groups created",
    "past_groups_removed": "Groups removed",
    "past_groups_kept": "Groups kept",
    "past_run_file": "Run file",
    "past_reports": "Reports",
    "past_next": "What can be done next",
    "past_running": "under way",
    "past_superseded_status": "superseded",
    "past_no_rows": "no rows",
    "past_unreadable": "cannot be read",
    "past_requests": "{count} ({methods}; sent again: {again})",
    "past_rejected": "Rejected",
    "past_conflict": "In conflict",
    "past_failed": "Failed",
    "past_unresolved": "Unresolved",
    "past_held": "Held",
    "why_title_departed": "Contact {id}, whose row has left the sheet: {outcome}",
    "why_title": "Row {row} of {file}: {outcome}",
    "why_run": "In run {run}",
    "why_read": "As it was read",
    "why_match": "What matched",
    "why_differs": "What differed",
    "why_holds": "What the new contact holds",
    "why_held": "What the contact held",
    "why_happened": "What happened",
    "why_stored": "What is stored",
    "why_said": "What there is to say",
    "why_next": "What to do",
    "why_meant_field": "{field}: {meant} was meant, {stored} is stored",
}


# Numbers with their nouns: for one, and for any other number.
COUNTED: Mapping[str, tuple[str, str]] = {
    "row": ("{count} row", "{count} rows"),
    "contact": ("{count} contact", "{count} contacts"),
    "change": ("{count} change", "{count} changes"),
    "request": ("{count} request", "{count} requests"),
    "reason": ("{count} reason", "{count} reasons"),
    "other reason": ("{count} other reason", "{count} other reasons"),
    "add": ("{count} add", "{count} adds"),
    "edit": ("{count} edit", "{count} edits"),
    "delete": ("{count} delete", "{count} deletes"),
    "removal": ("{count} removal from groups", "{count} removals from groups"),
    "safety read": ("{count} safety read", "{count} safety reads"),
    "main group": ("{count} main group", "{count} main groups"),
    "group": ("{count} group", "{count} groups"),
}
# What stages of work are called, and what they count: one, and any other number of it.
STAGES = (
    "Reading files", "Reading blacklist", "Examining", "Looking for contacts", "Looking for remembered contacts",
    "Looking at groups",
    "Looking at a group", "Reading groups", "Reading contacts by id", "Reading changed contacts", "Looking up",
    "Searching", "Applying", "Settling the last run", "Writing",
)  # fmt: skip
UNITS: Mapping[str, tuple[str, str]] = {
    "row": ("row", "rows"),
    "request": ("request", "requests"),
    "term": ("term", "terms"),
    "contact": ("contact", "contacts"),
    "file": ("file", "files"),
}


def counted(number: int, noun: str) -> str:
    """A number with its noun, as `COUNTED` has it."""
    return language.counted(*COUNTED[noun], number).format(count=language.number(number))


def stage(name: str) -> str:
    """What a stage of work is called."""
    return language.said(name)


def unit(name: str, number: int | None) -> str:
    """What a stage counts; several where the number is not known."""
    return language.counted(*UNITS[name], 0 if number is None else number)


def phrase(code: str, /, **values: Any) -> str:  # noqa: ANN401 - as named
    """A word or phrase about past runs."""
    return language.said(PHRASES[code]).format_map(language.figures(values))


def label(code: str, /, **values: Any) -> str:  # noqa: ANN401 - as named
    """A word or phrase of the page."""
    return language.said(LABELS[code]).format_map(language.figures(values))


def text(code: str, values: Mapping[str, Any]) -> str:
    """The message as a person reads it."""
    return CATALOGUE[code].text(values)


def parts(code: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The message in two parts: what is wrong, and what to do about it."""
    return CATALOGUE[code].parts(values)


def shell_word(path: Path) -> str:
    """A path as a command takes it, in quotes where it needs them."""
    return list2cmdline([str(path)]) if os.name == "nt" else shlex.quote(str(path))


def error_text(error: ImsyncError) -> str:
    """An error as a person reads it."""
    return text(error.code, error.values)


def problem_text(problem: Problem) -> str:
    """One mistake in a file, its place before it, such as `customers.yaml:12:9: …`."""
    place = [problem.file, *(str(number) for number in (problem.line, problem.column) if number)]
    return f"{':'.join(place)}: {text(problem.code, problem.values)}"
