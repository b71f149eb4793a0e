"""Whether somebody has asked this process to stop.

What enters: signals, as others catch them. What leaves: a flag. What never happens here: stopping anything.
"""


class _Signals:
    """The one flag: once it is set no further job is begun."""

    def __init__(self) -> None:
        self.seen = False


SIGNALS = _Signals()
