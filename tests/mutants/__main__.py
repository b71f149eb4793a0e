"""`python -m tests.mutants`: does a test notice where diff, apply or the wire files are changed? `make mutants`.

What enters: how many changed functions ("mutants") a module, or none for all of them; words that choose modules.
What leaves: a table of scores on standard output; the differences that nobody noticed in a file of the work folder.
What never happens here: a change in the working tree. The mutants are made in a copy.

mutmut makes and tries the mutants: one run of the tests tells it which of them call which function, and for each
mutant those alone are run, the quickest first. What is used of it is private to it: hence one version, no range.
"""

import argparse
import math
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
_WIRE = ("wire_json", "wire_xml", "shapes", "reading", "retry", "transport", "slots", "pace", "status")
MUTATED = ("sync/diff/*.py", "sync/apply/*.py", *(f"sync/remote/{name}.py" for name in _WIRE))
TESTS = (
    "tests/diff",
    "tests/apply",
    "tests/remote",
    "tests/run/test_departures.py",
    "tests/run/test_remembering.py",
    "tests/security/test_way.py",
)
# Minutes for each mutant that survives, or processes of their own. What these alone would notice counts as survived, as
# does what `_SECONDS` are too short for: the score can only be too low.
LEFT_OUT = (
    "tests/remote/test_reading_costs.py",
    "tests/remote/test_reading_semantics.py",
    "tests/remote/test_slots.py::test_two_real_processes_of_which_one_is_killed_stay_below_the_rate",
)
_SECONDS = 10.0  # of tests for one mutant
_COPIED = ("sync", "tests", "mappings", "sample_data", "pyproject.toml")
_CACHES = shutil.ignore_patterns("__pycache__")
_NOTICED = ("killed", "timeout", "segfault", "suspicious")
_ONE_WORKER = 1  # tests of a pace and of locks do not like company


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one module's mutants: how many there are, and each that was tried with its end."""

    path: str
    mutants: int
    became: Mapping[str, str]

    @property
    def noticed(self) -> int:
        """How many of those that were tried a test has noticed."""
        return sum(status in _NOTICED for status in self.became.values())

    @property
    def share(self) -> float:
        """The same as a share of them."""
        return self.noticed / max(1, len(self.became))


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Mutation testing.")
    parser.add_argument("--sample", type=int, default=0, help="mutants of each module (default: all of them)")
    parser.add_argument("--seed", type=int, default=8, help="of the sample")
    parser.add_argument("--least", type=float, default=85.0, help="the score below which this fails, in percent")
    parser.add_argument("--again", action="store_true", help="those that survived or were not tried, by today's tests")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv" / "mutants", help="work folder")
    parser.add_argument("modules", nargs="*", help="parts of paths, such as diff/matching (default: all)")
    said = parser.parse_args()
    if said.again:
        shutil.copytree(ROOT / "tests", said.folder / "tests", dirs_exist_ok=True, ignore=_CACHES)
    else:
        _prepare(said.folder)
    os.chdir(said.folder)
    from mutmut import __main__ as mutmut  # noqa: PLC0415 - it reads its settings where it is imported

    scores = _scores(mutmut, said.sample, said.seed, said.modules)
    share = _told(scores)
    _write_survivors(mutmut, scores)
    return int(share * 100 < said.least)


def _prepare(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name, **({"ignore": _CACHES} if (ROOT / name).is_dir() else {}))
    without = [f"--{'deselect' if '::' in each else 'ignore'}={each}" for each in LEFT_OUT]
    lists = {
        "source_paths": ["sync"],
        "only_mutate": MUTATED,
        "do_not_mutate_patterns": [r"^ *assert "],  # their texts are for nobody who uses it
        "also_copy": ["mappings", "sample_data"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "--timeout=60", *without],
        "pytest_add_cli_args_test_selection": TESTS,
    }
    plain = {"track_dependencies": "false", "timeout_multiplier": "3", "timeout_constant": "10"}
    lines = [f"{key} =\n" + "".join(f"    {each}\n" for each in values) for key, values in lists.items()]
    lines += [f"{key} = {value}\n" for key, value in plain.items()]
    (folder / "setup.cfg").write_text("[mutmut]\n" + "".join(lines), encoding="utf-8")


def _scores(mutmut: ModuleType, sample: int, seed: int, words: Sequence[str]) -> list[Score]:
    """Tries the mutants, or as many of each module as the sample asks for; what is known already is not tried again."""
    from mutmut.workers.isolation import ForkRunner  # noqa: PLC0415

    everything, submit = mutmut.collect_source_file_mutation_data, ForkRunner.submit
    chosen: dict[str, list[str]] = {}
    of: dict[str, Any] = {}

    def some(**_: object) -> tuple[list[Any], dict[str, Any]]:
        found, by_path = everything(mutant_names=())
        for path, data in by_path.items():
            names = sorted(data.exit_code_by_key)
            if names and (not words or any(word in path for word in words)):
                chance = random.Random(f"{seed} {path}")
                chosen[path] = chance.sample(names, min(sample or len(names), len(names)))
                of[path] = data
        wanted = {name for names in chosen.values() for name in names}
        known = {name for _, name, code in found if mutmut.status_by_exit_code[code] in _NOTICED}
        return [(data, name, code if name in known else None) for data, name, code in found if name in wanted], by_path

    def quick(self: Any, name: str, tests: list[str], cpu: int, estimated: float) -> None:
        took, few, spent = mutmut.state().duration_by_test, [], 0.0
        for test in sorted(tests, key=took.__getitem__):
            spent += took[test]
            if few and spent > _SECONDS:
                break
            few.append(test)
        submit(self, name, few, cpu, min(estimated, _SECONDS))

    chance = random.Random(seed)
    mutmut.collect_source_file_mutation_data = some
    mutmut.estimated_worst_case_time = lambda _name: chance.random()  # their order: one who interrupts has seen of all
    ForkRunner.submit = quick
    # The run that tells which test calls what has just shown that all of them pass.
    ForkRunner.run_clean_tests = lambda _self, tests: 0  # noqa: ARG005 - its name
    mutmut._run((), _ONE_WORKER)
    return [
        Score(
            path,
            len(of[path].exit_code_by_key),
            {
                name: mutmut.status_by_exit_code[code]
                for name in names
                if (code := of[path].exit_code_by_key[name]) is not None
            },
        )
        for path, names in sorted(chosen.items())
    ]


def _told(scores: Sequence[Score]) -> float:
    """Prints the table; the share of all mutants that is noticed, each module counting by how many it has."""
    _say(
        f"\n{'module':<32}{'mutants':>8}{'tried':>7}{'killed':>8}{'hung':>6}{'untested':>10}{'survived':>10}{'score':>8}"
    )
    tried = [each for each in scores if each.became]
    for each in tried:
        count = Counter(each.became.values())
        _say(
            f"{each.path:<32}{each.mutants:>8}{len(each.became):>7}{each.noticed - count['timeout']:>8}"
            f"{count['timeout']:>6}{count['no tests']:>10}{count['survived']:>10}{each.share:>8.1%}"
        )
    total = max(1, sum(each.mutants for each in tried))
    share = sum(each.mutants * each.share for each in tried) / total
    # Of a stratified sample; a module of which all were tried adds nothing.
    spread = sum(
        (each.mutants / total) ** 2
        * each.share
        * (1 - each.share)
        / len(each.became)
        * (1 - len(each.became) / each.mutants)
        for each in tried
    )
    within = f" ± {1.96 * math.sqrt(spread):.1%}" if spread else ""
    count = sum(len(each.became) for each in tried)
    _say(f"\n{total} mutants, {count} tried: {share:.1%}{within} are noticed.")
    return share


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what this command is for


def _write_survivors(mutmut: ModuleType, scores: Sequence[Score]) -> None:
    with Path("survivors.diff").open("w", encoding="utf-8") as file:
        for each in scores:
            for name, status in each.became.items():
                if status not in _NOTICED:
                    file.write(f"# {name}: {status}\n{mutmut.get_diff_for_mutant(name, path=Path(each.path))}\n")
    _say(f"Those that are not: {Path.cwd() / 'survivors.diff'}")


if __name__ == "__main__":
    sys.exit(_main())
