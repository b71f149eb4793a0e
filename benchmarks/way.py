"""One way of one case, done once in this process: started by `python -m benchmarks`, never by hand.

Another environment than ours may run it, so it imports nothing before it is needed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main() -> None:
    """`make CASE FOLDER ROWS`, or `do CASE FOLDER ROWS WAY`."""
    from cases import CASES
    from measuring import done, told

    word, name, folder, rows, *way = sys.argv[1:]
    case = CASES[name]
    if word == "make":
        case.make(Path(folder), int(rows))
    else:
        told(done(case.ways[way[0]].prepare(Path(folder), int(rows))))


if __name__ == "__main__":
    main()
