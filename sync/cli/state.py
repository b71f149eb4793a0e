"""Where runs and accounts are remembered; commands that look at past runs need no more of the settings.

What enters: options, the environment. What leaves: the state directory. What never happens here: making it.
"""

import os
from pathlib import Path

import platformdirs

from sync.cli.options import Options
from sync.runs import StateDirectory


def state_directory(options: Options) -> StateDirectory:
    """Where runs and accounts are remembered."""
    named = options.state_dir or os.environ.get("IMSYNC_STATE_DIR")
    return StateDirectory(Path(named) if named else platformdirs.user_state_path("imsync", appauthor=False))
