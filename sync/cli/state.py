"""Where runs and accounts are remembered; commands that look at past runs need no more of the settings.

What enters: options, the environment. What leaves: the state directory. What never happens here: making it.
"""

import os
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
    return StateDirectory(Path(named) if named else platformdirs.user_state_path("imsync", appauthor=False))
