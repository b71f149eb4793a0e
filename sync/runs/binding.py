"""What a plan is bound to: its account, its input, its mapping, and the state of the book that it was made from.

What enters: a run file and the account. What leaves: nothing, or a refusal that says what changed.
What never happens here: a request.
"""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from sync.errors import RunRefused
from sync.messages import shell_word
from sync.runs.run_file import RunFile
from sync.runs.state import Account
from sync.runs.writing import STANDARD_INPUT

_OLDEST = timedelta(hours=24)


def check_appliable(run_file: RunFile, account: Account, now: datetime) -> None:
    """Raises RunRefused where a saved plan must not be carried out (any more)."""
    meta, again = run_file.meta, _planned_by(run_file)
    _check_account(run_file, account)
    last = account.last_writer
    if meta.status == "completed":
        raise RunRefused("plan_done", run=meta.run, again=again)
    gone_on = last == meta.after and account.last_part != (meta.after, meta.after_part)  # that run was resumed
    if gone_on or last not in (meta.after, meta.run) or meta.status == "superseded":
        raise RunRefused("plan_superseded", other=last, run=meta.run, again=again)
    if meta.status != "planned" or last == meta.run:  # a copy of the file may still say that it is planned
        raise RunRefused("plan_used", run=meta.run, status=meta.status)
    age = now - datetime.fromisoformat(meta.read_at)
    if age > _OLDEST:
        raise RunRefused("plan_old", hours=int(age.total_seconds() // 3600), again=again)
    if not meta.undoes:  # an undo was made from a run, whatever has become of its files
        for each in run_file.inputs():
            if each.path != STANDARD_INPUT:  # what came from there is nowhere to be compared
                _check_unchanged(each.path, each.sha256, "plan_input_changed", again)
        _check_unchanged(meta.mapping, meta.mapping_sha256, "plan_mapping_changed", again)
    if run_file.computed_fingerprint() != meta.fingerprint:
        raise RunRefused("plan_tampered", file=run_file.path, again=again)


def check_resumable(run_file: RunFile, account: Account) -> None:
    """Raises RunRefused where a run that has begun must not be gone on with."""
    _check_account(run_file, account)
    meta, last = run_file.meta, account.last_part
    # The file is told of a new part before the account is: a kill may have come between.
    known = ((meta.run, meta.part), (meta.run, meta.part_before), (meta.after, meta.after_part))
    if last not in known:
        code = "run_gone_on" if last[0] == meta.run else "plan_superseded"
        raise RunRefused(code, other=last[0], run=meta.run, file=run_file.path, again=_planned_by(run_file))
    if run_file.computed_fingerprint() != run_file.meta.fingerprint:
        raise RunRefused("plan_tampered", file=run_file.path, again=_planned_by(run_file))


def _planned_by(run_file: RunFile) -> str:
    """The command that makes the plan once more."""
    if run_file.meta.undoes:
        return f"imsync undo {run_file.meta.undoes}"
    files = dict.fromkeys(each.path for each in run_file.inputs())
    words = [shell_word(Path(path)) for path in (*files, run_file.meta.mapping)]
    return f"imsync plan {' '.join(words[:-1])} -m {words[-1]}"


def _check_account(run_file: RunFile, account: Account) -> None:
    if run_file.meta.account != account.id:
        raise RunRefused("plan_other_account", again=_planned_by(run_file))


def _check_unchanged(path: str, sha256: str, code: str, again: str) -> None:
    try:
        with Path(path).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RunRefused("plan_input_gone", file=path, again=again) from error
    if found != sha256:
        raise RunRefused(code, file=path, again=again)
