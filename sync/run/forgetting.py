"""Finds everything on this machine that tells of one person, and forgets it.

What enters: the state directory, a phone number or an e-mail. What leaves: runs, reports, files; then the deletion.
What never happens here: a request; a run forgotten that can still be finished; somebody who only resembles the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sync.errors import UsageError
from sync.memory.forgetting import remembered_entries
from sync.run.past import looked_at
from sync.run.purging import Old, forget, to_forget
from sync.runs import RunFile, StateDirectory, one_row


@dataclass(frozen=True, slots=True)
class Traces:
    """What tells of a person.

    Attributes:
        runs: those in which the person is, with what goes of them and why some stay.
        unread: the files of runs that cannot be read, so that nobody knows.
        inputs: the files from which those runs were made, where they are there still; nobody deletes those.
        entries: how many entries jobs remember of the person.
        contacts: the person's contacts in those runs, by account.
        key: by which the person was asked for: gsm or email, and the value, canonical.
    """

    runs: list[Old]
    unread: list[Path]
    inputs: list[Path]
    entries: int = 0
    contacts: dict[str, set[int]] = field(default_factory=dict)
    key: tuple[str, str] = ("", "")


def traces(state: StateDirectory, now: datetime, key: str, value: str) -> Traces:
    """Where the phone number or e-mail, in canonical form, is found: as read, as meant, or as stored."""
    runs: list[Old] = []
    unread: list[Path] = []
    inputs: dict[Path, None] = {}
    contacts: dict[str, set[int]] = {}
    for run, path in state.runs().items():
        each = looked_at(state, run, path, now)
        try:
            run_file = RunFile.open(path, look=True)
        except UsageError:
            unread.append(path)
            continue
        try:
            numbers = list(one_row.with_key(run_file, key, value))
            ids = {story.row.contact_id for story in one_row.stories(run_file, numbers)} - {None}
            contacts.setdefault(run_file.meta.account, set()).update(number for number in ids if number is not None)
            if numbers:
                runs.append(to_forget(state, run, path, each))
                inputs.update({Path(one.path): None for one in run_file.inputs() if Path(one.path).is_file()})
        except UsageError:
            unread.append(path)
        finally:
            run_file.close()
    entries = _remembered(state, contacts, key, value)
    return Traces(runs, unread, list(inputs), entries, contacts, (key, value))


def forget_person(state: StateDirectory, found: Traces) -> int:
    """Deletes the runs that may go and their reports, and what jobs remember; how many entries of memories those were.

    Raises:
        UsageError: a file cannot be deleted; what was deleted before stays deleted.
    """
    forget(each for each in found.runs if each.files)
    return _remembered(state, found.contacts, *found.key, forget=True)


def _remembered(
    state: StateDirectory, contacts: Mapping[str, set[int]], key: str, value: str, *, forget: bool = False
) -> int:
    """How many entries the jobs of all accounts have of the person."""
    folders = sorted(path for path in (state.path / "accounts").glob("*") if path.is_dir())
    return sum(
        remembered_entries(folder, contacts.get(folder.name, ()), key, value, forget=forget) for folder in folders
    )
