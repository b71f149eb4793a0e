"""Finds everything on this machine that tells of one person, and forgets it.

What enters: the state directory, a phone number or an e-mail. What leaves: runs, reports, files; then the deletion.
What never happens here: a request; a run forgotten that can still be finished; somebody who only resembles the person.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sync.errors import UsageError
from sync.memory.forgetting import forget_contacts
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
        contacts: the person's contacts, by account.
    """

    runs: list[Old]
    unread: list[Path]
    inputs: list[Path]
    contacts: dict[str, set[int]] = field(default_factory=dict)


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
    return Traces(runs, unread, list(inputs), contacts)


def forget_person(state: StateDirectory, found: Traces) -> int:
    """Deletes the runs that may go and their reports, and what jobs remember; how many entries of memories those were.

    Raises:
        UsageError: a file cannot be deleted; what was deleted before stays deleted.
    """
    forget(each for each in found.runs if each.files)
    return sum(forget_contacts(state.path / "accounts" / account, ids) for account, ids in found.contacts.items())
