"""The options of `imsync sandbox`: each choice and each fault of the sandbox can be had, and arrives."""

from dataclasses import fields
from typing import Any

import pytest
from click.testing import CliRunner

from sync.cli.commands import sandbox as command
from sync.sandbox import FAULTS, Faults, Others, Outage, Semantics


def started_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[Semantics, Faults]:
    """Runs the command up to the moment when it would serve."""
    seen: list[tuple[Semantics, Faults]] = []

    def refuse(*_: Any, semantics: Semantics, faults: Faults, **__: Any) -> Any:
        seen.append((semantics, faults))
        raise ValueError("not served in this test")

    monkeypatch.setattr("sync.sandbox.SandboxServer", refuse)
    result = CliRunner().invoke(command.sandbox, arguments)
    assert "not served in this test" in result.output
    return seen[0]


def served_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Semantics:
    return started_with(monkeypatch, *arguments)[0]


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


def test_without_options_nothing_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert started_with(monkeypatch)[1] == Faults()


def test_every_fault_is_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {each.name: 0.01 + number / 1000 for number, each in enumerate(FAULTS)}
    wanted = Faults(
        **rates,
        retry_after=7,
        page_statuses=(500, 521),
        delay=3.5,
        latency=0.25,
        unauthorised_from=90,
        outages=(
            Outage(10, 40),
            Outage(50.5, 60, "hang_up"),
            Outage(70, 80, "unavailable"),
            Outage(5, 10, "hang_up", "requests"),  # 9 is the last one
            Outage(20, 21, "unavailable", "requests"),
        ),
        seed=4,
        only=frozenset({"add-contact", "edit-contact"}),
    )
    assert all(getattr(wanted, each.name) != getattr(Faults(), each.name) for each in fields(Faults))

    words = {each.name: each.name.replace("too_many", "429").replace("unavailable", "503") for each in FAULTS}
    shares = " ".join(f"--fault-{words[name].replace('_', '-')} {rate}" for name, rate in rates.items())
    arguments = (
        f"{shares} --retry-after 7 --page-status 500 --page-status 521 --delay 3.5 --latency 0.25 --fault-401-from 90"
        " --outage 10-40 --outage 50.5-60:hang-up --outage 70-80:503 --outage-requests 5-9 --outage-requests 20-20:503"
        " --seed 4 --fault-only add-contact --fault-only edit-contact"
    )
    assert started_with(monkeypatch, *arguments.split())[1] == wanted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--fault-cut-after 1.5", "not in the range"),
        ("--fault-slow many", "not a valid float"),
        ("--fault-429 0.6 --fault-reset-after 0.6", "together at most 1"),
        ("--fault-only add-contacts", "not methods of the API: add-contacts"),
        ("--page-status 404", "not in the range"),
        ("--fault-401-from 0", "not in the range"),
        ("--delay -1", "not in the range"),
        ("--outage 10", "“10” is no outage such as 10-40:refuse, 10-40:hang-up, 10-40:503."),
        ("--outage 10-40:sulk", "“10-40:sulk” is no outage"),
        ("--outage 40-10", "“40-10”: an outage begins at second 0"),
        ("--outage-requests 0-10", "begins at second 0 or request 1 at the earliest"),
        ("--outage-requests 1-10:refuse", "is no outage such as 10-40:hang-up, 10-40:503."),
        ("--outage-requests 1.5-10", "is no outage"),
    ],
)
def test_wrong_values_are_answered_with_exit_2(arguments: str, said: str) -> None:
    result = CliRunner().invoke(command.sandbox, arguments.split())

    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_the_help_shows_every_option_once() -> None:
    shown = CliRunner().invoke(command.sandbox, ["--help"]).output

    options = [option for each in command.sandbox.params for option in each.opts]
    assert [shown.count(f"  {option} ") + shown.count(f"  {option}\n") for option in options] == [1] * len(options)
