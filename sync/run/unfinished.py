"""Finds the interrupted run that a job has left behind.

What enters: a Context, a job's name. What leaves: its run file, or None. What never happens here: going on with it.
"""

from sync.errors import UsageError
from sync.run.applying import has_work
from sync.run.context import Context
from sync.runs import RunFile


def unfinished_run(context: Context, job: str) -> RunFile | None:
    """The job's run that wrote to the account last and has not come to its end; the account must be locked.

    Where another run has written since there is none: what is left of the earlier one is in the new plan.
    """
    last = context.account.last_writer
    try:
        run_file = RunFile.open(context.state.find_run(last)) if last else None
    except UsageError:
        return None  # it is gone, or damaged: nobody can resume it
    if run_file is None:
        return None
    meta = run_file.meta
    if meta.job == job and not meta.undoes and meta.status not in ("completed", "superseded") and has_work(run_file):
        return run_file
    run_file.close()
    return None
