"""The command line in Turkish: no English sentence is left in what a person reads."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from openpyxl import load_workbook

from sync import language
from sync.cli.asking import confirmed
from sync.cli.main import main
from sync.cli.overview import COMMANDS
from sync.cli.program import imsync
from sync.runs import StateDirectory
from sync.settings import Credentials
from tests.translations import catalogue

from .conftest import HASH, HEADER, KEY, MAPPING
from .shell import Shell, shell_with  # noqa: F401 - a fixture

# Words without which hardly an English sentence does, and that are none in Turkish, in commands or in the data here.
_WORDS = """
    the and is are was were be been of to from with without that this these those its not no nothing there than by has
    have had it for or but which who where when what would could can cannot will row rows file files found sent read
    written add added edit edited changed unchanged rejected duplicate conflict show shown use say said more less only
    each every other another contact contacts group groups request requests sheet column columns header command error
    usage options missing invalid default required passed left second process
"""
ENGLISH = frozenset(_WORDS.split())
# What stands for something that is to be typed.
_PLACEHOLDERS = """
    FILE MAPPING ROW RUN DIR NAME LANG SECONDS TIME GROUP COMMAND OPTIONS PHONE EMAIL JOB AGE NUMBER
"""
PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())
# What is typed stays as it is: commands, options, paths, words of a mapping, names of the API's methods.
TYPED = re.compile(
    r"(?:Bulunanlar|Kullanılabilecekler): [^.]*"
    r"|imsync [^\n“”]*|--?[a-z][\w-]*(?: [A-Z]+)?|\S*[/\\]\S*|\b\w+(?:[-_.]\w+)+\b"
    r"|\b\w+:(?= \w)|\b[A-Z]{2,}\b|^ {2}\w+ {2,}|\brejected(?= dosya)|[“‘'\[].*?[”’'\]]"
    r"|files ve mapping|Not Defteri|\(default,",
    re.MULTILINE,
)
ROWS = [
    ("Ayşe", "Yılmaz", "ayse@example.com", "0500 111 22 33", "27.09.1984", "Müşteriler"),
    ("Ali", "Kaya", "ali.example.com", "0500 111 22 34", "30.02.1985", "Müşteriler"),
    ("Veli", "Kaya", "", "123", "", "Olmayan"),
    ("Can", "Demir", "", "0500 111 22 33", "", ""),
    ("Cem", "Ak", "cem@example.com", "", "", ""),
]


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    """Whatever keyring this machine has: there is none."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def turkish(
    shell_with: Callable[..., Shell],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shell]:
    shell = shell_with(groups=[{"id": 7, "name": "Müşteriler", "parent": None}])
    monkeypatch.setenv("IMSYNC_LANG", "tr")
    monkeypatch.setenv("LANGUAGE", "")  # put back at the end
    lines = [";".join(row) for row in (HEADER, *ROWS)]
    (tmp_path / "liste.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    (tmp_path / "esleme.yaml").write_text(MAPPING, encoding="utf-8")
    yield shell
    language.speak("en")


def english_in(text: str) -> set[str]:
    """The English words in a text."""
    plain = TYPED.sub(" ", text)
    # Whole words: letters between the digits of an id are none.
    found = {word for word in re.findall(r"\b[^\W\d_]+\b", plain.lower()) if word in ENGLISH}
    return found | PLACEHOLDERS.intersection(re.findall(r"\b[A-Z]{3,}\b", text))


def test_the_stop_words_find_english() -> None:
    told = "2 rows are hidden in Excel; they are read too."

    assert english_in(told) == {"rows", "are", "read"}
    assert english_in("To go on: imsync resume 4711 --json") == {"to"}
    assert english_in("Başlayın: imsync plan FILE") == {"FILE"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "liste.csv", "-m", "esleme.yaml", "--report-dir", "r"], 3),
        (["init", "liste.csv", "-o", "yeni.yaml"], 0),
        (["plan", "liste.csv", "-m", "esleme.yaml"], 3),
        (["reconcile", "liste.csv", "-m", "esleme.yaml"], 3),
        (["doctor"], 0),
        (["groups", "list"], 0),
        (["groups", "remove", "7", "--yes"], 0),
        (["fields"], 0),
        (["runs", "list"], 0),
        (["runs", "purge", "--older-than", "90d"], 0),
        (["undo", "olmayan"], 2),
        (["check", "yok.csv", "-m", "esleme.yaml"], 2),
        (["check", "liste.csv", "-m", "yok.yaml"], 2),
        (["check", "liste.csv"], 2),
        (["check", "--mappin"], 2),
        (["chek"], 2),
        (["groups", "lst"], 2),
        (["plan", "liste.csv", "-m", "esleme.yaml", "--rate", "-1"], 2),
        (["plan", "liste.csv", "-m", "esleme.yaml", "--wire", "yaml"], 2),
        (["plan", "liste.csv", "-m", "esleme.yaml", "--rate", "çok"], 2),
        (["plan", "liste.csv", "-m", "esleme.yaml", "--max-runtime", "3 gün"], 2),
        (["plan", "liste.csv", "-m"], 2),
        (["plan", "liste.csv", "-m", "esleme.yaml", "--base-url", "merkez"], 2),
        (["plan", "liste.csv", "-m", "esleme.yaml", "--report-dir", "liste.csv"], 2),
        (["check", "liste.csv", "-m", "liste.csv"], 2),
        (["check", "esleme.yaml", "-m", "esleme.yaml"], 2),
        (["init", "yok.csv"], 2),
        (["init", "liste.csv", "-o", "yok/yeni.yaml"], 2),
        (["init", "liste.csv", "-o", "liste.csv"], 2),
        (["export", "-o", "kisiler.csv"], 0),
        (["export", "-o", "kisiler.txt"], 2),
        (["resume"], 2),
        (["resume", "olmayan"], 2),
        (["apply", "liste.csv"], 2),
        (["apply", "olmayan.run"], 2),
        (["why", "last", "2"], 2),
        (["report", "last"], 2),
        (["forget", "+905001112299", "--yes"], 0),
        (["run"], 2),
        (["run", "--config", "yok.toml", "--all"], 2),
        (["login"], 2),
        (["login", "--profile", "-"], 2),
        (["groups", "add", "A", "--main", "--parent", "B"], 2),
        (["groups", "remove", "99"], 2),
        (["sync", "liste.csv", "-m", "esleme.yaml", "--allow", "hepsi", "--yes"], 2),
        (["sync", "liste.csv", "-m", "esleme.yaml"], 4),
        (["sandbox", "--port", "x"], 2),
        (["sandbox", "--outage", "5"], 2),
        (["sandbox", "--fault-only", "yok"], 2),
        (["sandbox", "--fault-slow", "0.7", "--fault-cut-after", "0.7"], 2),
        (["sandbox", "--data", "esleme.yaml"], 2),
        ([], 2),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else str(value),
)
def test_what_a_command_tells_is_turkish(turkish: Shell, words: list[str], code: int) -> None:
    ended = turkish(*words)

    assert (ended.code, english_in(ended.out + ended.err)) == (code, set()), ended.out + ended.err


def test_no_translation_leaves_what_is_to_be_typed_in_english() -> None:
    left = {found.id: re.findall(r"\b[A-Z]{3,}\b", str(found.string)) for found in catalogue() if found.id}

    assert {text: words for text, words in left.items() if PLACEHOLDERS.intersection(words)} == {}


def test_fields_without_a_header_are_called_in_turkish(turkish: Shell, tmp_path: Path) -> None:
    mapping = "version: 1\nfields: {name: {position: A}, gsm: {position: D}, surname: {value: Yılmaz}}\n"
    (tmp_path / "yerler.yaml").write_text(
        f"{mapping}groups: {{always: [Müşteriler]}}\nduplicates: first\n", encoding="utf-8"
    )

    ended = turkish("plan", "liste.csv", "-m", "yerler.yaml")

    assert "ad: Ayşe; soyad: Yılmaz" in ended.out
    assert "gruplar: Müşteriler" in ended.out


def test_who_holds_the_account_is_told_in_the_language_of_whoever_asks(turkish: Shell) -> None:
    state = StateDirectory(turkish.account_folder.parents[1])
    account = state.account(turkish.server.base_url, Credentials(KEY, HASH))
    with account.lock("imsync sync liste.csv"):
        ended = turkish("plan", "liste.csv", "-m", "esleme.yaml")

    assert f"imsync sync liste.csv (süreç {os.getpid()})" in ended.err


def test_a_whole_run_and_its_reports_are_turkish(turkish: Shell, tmp_path: Path) -> None:
    done = turkish("sync", "liste.csv", "-m", "esleme.yaml", "--yes", "--report-dir", "r", "--verify")
    shown = [
        turkish(*words) for words in (["runs", "list"], ["runs", "show"], ["why", "last", "2"], ["why", "last", "3"])
    ]

    assert done.code == 3
    assert "eklendi" in done.out
    for ended in (done, *shown):
        assert english_in(ended.out + ended.err) == set(), ended.out + ended.err
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="tr">' in page
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert english_in(text) == set()
    book = load_workbook(tmp_path / "r" / "report.xlsx")
    assert book.sheetnames[:2] == ["Özet", "Satırlar"]
    words = " ".join(str(cell.value) for cell in next(book["Satırlar"].iter_rows(max_row=1)))
    assert english_in(words) == set()


def test_what_programs_read_has_the_same_names_in_both_languages(turkish: Shell, tmp_path: Path) -> None:
    turkish("sync", "liste.csv", "-m", "esleme.yaml", "--yes", "--report-dir", "r", "--quiet")

    head, first, *_ = (tmp_path / "r" / "report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head == "file;sheet;row;key;outcome;contact_id;changes;code;message;attempts;column"
    assert ";duplicate;" in first or ";rejected;" in first or ";added;" in first
    report = json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))
    assert report["summary"]["status"] == "completed_with_errors"
    checked = json.loads(turkish("check", "liste.csv", "-m", "esleme.yaml", "--json").out)
    assert {each["code"] for each in checked["issues"]} >= {"email_invalid", "phone_too_short"}


def every_help() -> Iterator[list[str]]:
    for name in COMMANDS:
        command = imsync.get_command(click.Context(imsync), name)
        yield [name]
        if isinstance(command, click.Group):
            yield from ([name, each] for each in command.commands)


@pytest.mark.parametrize("words", list(every_help()), ids=" ".join)
def test_the_help_is_turkish_and_then_english_again(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "")

    def helped(chosen: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*words, "--lang", chosen, "--help"])
        assert ended.value.code == 0
        return capsys.readouterr().out

    turkish, english = helped("tr"), helped("en")

    assert turkish.startswith("Kullanım: imsync")
    assert english.startswith("Usage: imsync")
    assert "--lang" in turkish
    assert english_in(re.sub(r"^  +imsync .*$", "", turkish, flags=re.MULTILINE)) == set(), turkish
    assert "Show this message and exit." in english
    assert max(map(len, turkish.splitlines())) <= max(80, *map(len, english.splitlines()))


def test_the_overview_fits_in_turkish_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", "tr", "--help"])
    told = capsys.readouterr().out
    language.speak("en")

    assert told.startswith("Kullanım:")
    assert max(map(len, told.splitlines())) <= 79
    assert english_in(told) == set()


@pytest.mark.parametrize("words", [["--version"], ["check", "a", "-m", "b"]], ids=" ".join)
@pytest.mark.parametrize("named", ["de", "\x1b]0;x\x07", "../../tr", "tr\u202een", "x" * 5000])
def test_a_language_that_is_not_spoken_is_answered(
    words: list[str], named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMSYNC_LANG", named)

    with pytest.raises(SystemExit) as ended:
        main(words)

    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert "IMSYNC_LANG cannot be" in told.err
    assert told.err.rstrip("\n").isprintable()
    assert len(told.err) < 200


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("e\n", True), ("EVET\n", True), ("y\n", True), ("h\n", False), ("HAYIR\n", False), ("HAYİR\n", False),
     ("\n", False), ("belki\ne\n", True), ("belki\n", False), ("", False)],
)  # fmt: skip
def test_a_question_is_answered_in_either_language(typed: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(typed.splitlines())

    def read(_: str = "") -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("click.termui.visible_prompt_func", read)

    assert confirmed("?") is wanted


# Wrong mappings, files and jobs, in both languages

GOOD = "version: 1\nfields:\n  gsm: Cep\n"
# A mapping, the place of its mistake, and a part of what is said in English.
WRONG_MAPPINGS: dict[str, tuple[bytes, str, str]] = {
    "tab": (b"version: 1\nfields:\n\tgsm: Cep\n", ":3:1:", "Indent with blanks"),
    "no colon": (b"version: 1\nfields:\n  gsm Cep\n  name: Ad\n", ":3:3:", "Write a colon"),
    "open quote": (b'version: 1\nfields:\n  gsm: "Cep\n', ":3:8:", "Close it at the end"),
    "indented": (b"version: 1\nfields:\n  gsm: Cep\n    name: Ad\n", ":4:5:", "the same number of blanks"),
    "twice": (f"{GOOD}  gsm: Tel\n".encode(), ":4:3:", "Keep one of them"),
    "unknown name": (f"{GOOD}groups: {{colum: Grup}}\n".encode(), ":4:10:", "Did you mean “column”?"),
    "wrong type": (f"{GOOD}source: {{header_row: bir}}\n".encode(), ":4:22:", "Write a whole number"),
    "list": (f"{GOOD}groups: [a]\n".encode(), ":4:9:", "must hold names"),
    "no such column": (GOOD.replace("Cep", "Ceb").encode(), ":3:8:", "has no column “Ceb”"),
    "windows-1254": (f"{GOOD}name: Müşteri\n".encode("windows-1254"), ":4:8:", "It looks like windows-1254"),
    "utf-16": (GOOD.encode("utf-16"), ":1:1:", "It looks like UTF-16"),
    "empty": (b"", ":1:1:", "the mapping is empty"),
    "workbook": (b"PK\x03\x04" + b"\0" * 100, ": ", "the sheet stands before it"),
    "table": ("Ad;Cep\nAyşe;1\n".encode(), ":1:1:", "this is a table"),
    "bomb": (
        f"{GOOD}a: &a [x, x]\nb: &b [*a, *a]\ngroups: {{always: [*b, *b]}}\n".encode(), ":5:1:", "“b” is not known",
    ),
    "itself": (f"{GOOD}match: &a [*a]\n".encode(), ":4:8:", "Write a text"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_MAPPINGS)
def test_a_wrong_mapping_is_answered_with_its_place_in_both_languages(
    turkish: Shell, tmp_path: Path, name: str
) -> None:
    content, place, said = WRONG_MAPPINGS[name]
    (tmp_path / "yanlis.yaml").write_bytes(content)
    (tmp_path / "liste.csv").write_text("Ad;Cep\nAyşe;0500 111 22 33\n", encoding="utf-8")

    told = turkish("check", "liste.csv", "-m", "yanlis.yaml")
    english = turkish("check", "liste.csv", "-m", "yanlis.yaml", "--lang", "en")

    assert (told.code, english.code) == (2, 2)
    assert (told.out, english.out) == ("", "")
    assert f"yanlis.yaml{place}" in told.err
    assert f"yanlis.yaml{place}" in english.err
    assert said in english.err
    assert english_in(told.err) == set(), told.err
    assert "Traceback" not in told.err + english.err


WRONG_FILES: dict[str, bytes | None] = {
    "yok.csv": None,
    "bos.csv": b"",
    "nul.csv": b"Ad;Telefon\n\0\0;1\n",
    "tirnak.csv": 'Ad;Telefon\n"Ayşe;0500\n'.encode(),
    "sonra.csv": 'Ad;Telefon\n"Ayşe"x;0500\n"b";"c"\n'.encode(),
    "metin.xlsx": b"bu bir kitap",
    "bozuk.xlsx": b"PK\x03\x04" + b"\0" * 600,
    "eski.xlsx": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "resim.png": b"\x89PNG\r\n",
    "belge.pdf": b"%PDF-1.7",
    "klasor": b"klasor",
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_wrong_file_is_answered_in_turkish(turkish: Shell, tmp_path: Path, name: str) -> None:
    content = WRONG_FILES[name]
    if name == "klasor":
        (tmp_path / name).mkdir()
    elif content is not None:
        (tmp_path / name).write_bytes(content)

    told = turkish("check", name, "-m", "esleme.yaml")

    assert told.code in (2, 3), told.err
    assert name in told.err + told.out
    assert english_in(told.out + told.err) == set(), told.out + told.err
    assert "Traceback" not in told.err


def test_a_file_of_credentials_that_is_no_text_is_answered_in_turkish(
    turkish: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ILETIMERKEZI_API_KEY")
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")

    told = turkish("groups", "list")

    assert (told.code, told.err) == (2, "imsync: .env okunamıyor: UTF-8 metin değil. UTF-8 metin olarak kaydedin.\n")


@pytest.mark.parametrize(
    "text",
    [
        "jobs\n", "[jobs.a\n", "[jobs.a]\nfiles = x\n", '[jobs.a]\nfiles = "x\n', "[jobs.a]\nfiles = []\n",
        "jobs = 1\n",
        '[jobs.a]\nfiles = ["x"]\nmapping = "y"\nrate = "çok"\nmax_runtime = "3 gün"\nverify = 1\nkey = "k"\n', "",
        'keep_runs = "yakında"\n[jobs."a b"]\nfiles = ["x"]\nmapping = 5\n', "a = 1\na = 2\n",
    ],
)  # fmt: skip
def test_wrong_jobs_are_answered_in_turkish(turkish: Shell, tmp_path: Path, text: str) -> None:
    (tmp_path / "imsync.toml").write_text(text, encoding="utf-8")

    told = turkish("run", "--all")

    assert (told.code, told.out) == (2, "")
    assert "imsync.toml:" in told.err
    assert english_in(told.err) == set(), told.err


def test_what_stands_for_a_value_is_turkish_too() -> None:
    language.speak(language.TURKISH)
    try:
        context, found = click.Context(imsync), set()
        for name in COMMANDS:
            command = imsync.get_command(context, name)
            for each in command.commands.values() if isinstance(command, click.Group) else [command]:
                found |= {parameter.make_metavar(context) for parameter in each.params}
    finally:
        language.speak(language.ENGLISH)

    words = {word for metavar in found for word in re.findall(r"\w+", metavar) if word.isupper()}
    assert {"DOSYA", "KLASÖR", "İŞLEM", "EŞLEME", "SÜRE"} <= words
    assert not words & {"FILE", "PATH", "DIR", "RUN", "MAPPING", "NAME", "GROUP", "TIME", "SECONDS", "ROW", "PHONE"}
