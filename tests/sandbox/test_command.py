"""The options of `imsync sandbox`: each choice of the sandbox can be made, and arrives."""

from dataclasses import fields
from typing import Any

import pytest
from click.testing import CliRunner

from sync.cli.commands import sandbox as command
from sync.sandbox import Others, Semantics


def served_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Semantics:
    """Runs the command up to the moment when it would serve."""
    seen: list[Semantics] = []

    def refuse(*_: Any, semantics: Semantics, **__: Any) -> Any:
        seen.append(semantics)
        raise ValueError("not served in this test")

    monkeypatch.setattr(command, "SandboxServer", refuse)
    result = CliRunner().invoke(command.sandbox, arguments)
    assert "not served in this test" in result.output
    return seen[0]


def test_without_options_the_semantics_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert served_with(monkeypatch) == Semantics()


def test_every_semantics_is_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Semantics(
        edit="patch",
        search="phrase_prefix",
        case="turkish",
        phone_stored="spaced",
        phone_indexed="digits",
        phone_key="normalised",
        values=("trimmed", "cut"),
        groups_on_add="first",
        group_counts="with_children",
        group_lists="with_children",
        order="name",
        empty_page="list",
        lag_writes=3,
        lag_seconds=1.5,
        others=Others(every=5, do=("rename", "join"), protect=frozenset({1001, 1002}), limit=9, seed=4),
        ids="text",
        single="bare",
        empty="absent",
        http="always_200",
    )
    assert all(getattr(wanted, each.name) != getattr(Semantics(), each.name) for each in fields(Semantics))

    arguments = (
        "--edit patch --search phrase_prefix --case turkish --phone-stored spaced --phone-indexed digits"
        " --phone-key normalised --values trimmed --values cut --groups-on-add first --group-counts with_children"
        " --group-lists with_children --order name --empty-page list --lag-writes 3 --lag-seconds 1.5 --others-every 5"
        " --others-do rename --others-do join --others-protect 1001 --others-protect 1002 --others-limit 9 --seed 4"
        " --ids text --single bare --empty absent --http always_200"
    )
    assert served_with(monkeypatch, *arguments.split()) == wanted


def test_the_help_shows_every_option_once() -> None:
    shown = CliRunner().invoke(command.sandbox, ["--help"]).output

    options = [option for each in command.sandbox.params for option in each.opts]
    assert [shown.count(f"  {option} ") + shown.count(f"  {option}\n") for option in options] == [1] * len(options)
