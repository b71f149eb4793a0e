"""Where runs and accounts are remembered; commands that look at past runs need no more of the settings.

What enters: options, the environment. What leaves: the state directory. What never happens here: making it.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sync.cli.options import Options

if TYPE_CHECKING:
    from sync.runs import StateDirectory


def state_directory(options: Options) -> "StateDirectory":
    """Where runs and accounts are remembered."""
    import platformdirs

    from sync.runs import StateDirectory

    named = options.state_dir or os.environ.get("IMSYNC_STATE_DIR")
    if named:
        return StateDirectory(Path(named).absolute())  # so that what is printed can be typed in any folder
    return StateDirectory(platformdirs.user_state_path("imsync", appauthor=False))


def at_home(options: Options, run_file: Path) -> Options:
    """The options, with the state directory in which a run's file lies where none was named."""
    from sync.runs.state import home_of

    if options.state_dir or os.environ.get("IMSYNC_STATE_DIR"):
        return options
    return replace(options, state_dir=home_of(run_file))
