"""What a plan is bound to: its account, its input, its mapping, and the state of the book that it was made from.

What enters: a run file and the account. What leaves: nothing, or a refusal that says what changed.
What never happens here: a request.
"""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

from sync.errors import RunRefused
from sync.runs.run_file import RunFile
from sync.runs.state import Account

_OLDEST = timedelta(hours=24)


def check_appliable(run_file: RunFile, account: Account, now: datetime) -> None:
    """Raises RunRefused where a saved plan must not be carried out (any more)."""
    meta = run_file.meta
    _check_account(run_file, account)
    if meta.status == "completed":
        raise RunRefused("plan_done", run=meta.run)
    if meta.status != "planned":
        raise RunRefused("plan_used", run=meta.run, status=meta.status)
    made_at = datetime.fromisoformat(meta.read_at)
    if now - made_at > _OLDEST:
        raise RunRefused("plan_old", hours=int((now - made_at).total_seconds() // 3600))
    if account.last_writer != meta.after:
        raise RunRefused("plan_superseded", other=account.last_writer, run=meta.run)
    for each in run_file.inputs():
        if not _is_unchanged(Path(each.path), each.sha256):
            raise RunRefused("plan_input_changed", file=each.path)
    if not _is_unchanged(Path(meta.mapping), meta.mapping_sha256):
        raise RunRefused("plan_mapping_changed", file=meta.mapping)
    if run_file.computed_fingerprint() != meta.fingerprint:
        raise RunRefused("plan_tampered", file=run_file.path)


def check_resumable(run_file: RunFile, account: Account) -> None:
    """Raises RunRefused where a run that has begun must not be gone on with."""
    _check_account(run_file, account)
    if account.last_writer != run_file.meta.run:
        raise RunRefused("plan_superseded", other=account.last_writer, run=run_file.meta.run)


def _check_account(run_file: RunFile, account: Account) -> None:
    if run_file.meta.account != account.id:
        raise RunRefused("plan_other_account")


def _is_unchanged(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False
