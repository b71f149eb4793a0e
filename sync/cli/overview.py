"""What `imsync --help` shows: every command with one line about it.

What enters: nothing. What leaves: the commands' names, the text.
What never happens here: importing a command, or anything else that takes time.
"""

from sync.language import said

# A test compares the names with the modules.
COMMANDS = {
    "demo": "Show the whole job on sample data, against a sandbox.",
    "init": "Guess a mapping from a file's headers and cells.",
    "schema": "Print the mapping's JSON Schema, for editors.",
    "check": "Read, map and validate files; nothing is sent.",
    "plan": "Show what would change, and save the plan.",
    "apply": "Carry out a saved plan.",
    "sync": "Plan and apply in one go.",
    "run": "Run named jobs from imsync.toml, one after the other.",
    "resume": "Finish an interrupted run.",
    "undo": "Put back what a run changed.",
    "runs": "List past runs, and show what one of them did.",
    "report": "Write the reports of a past run again.",
    "why": "Tell one row's whole story.",
    "forget": "Forget one person on this machine.",
    "reconcile": "Compare a sheet and the book in both directions.",
    "export": "Write all of the book that can be reached to a file.",
    "groups": "List, add, rename and remove the account's groups.",
    "fields": "Show the custom fields that the account's contacts have.",
    "doctor": "Check credentials and access; learn what searches can do.",
    "login": "Keep the API's key and hash in the system's keyring.",
    "logout": "Take them out of it again.",
    "sandbox": "Serve the sandbox API until stopped.",
    "completion": "Print the script that lets the shell complete commands.",
}

_USAGE = "Usage: imsync COMMAND [OPTIONS] …"
ABOUT = "Keep the İleti Merkezi address book in step with your spreadsheets."
_FIRST, _THEN = "Try it:", "Your file:"
_EXAMPLES = (
    (_FIRST, "imsync demo"),
    (_THEN, "imsync init customers.xlsx -o customers.yaml"),
    ("", "imsync check customers.xlsx -m customers.yaml"),
    ("", "imsync sync customers.xlsx -m customers.yaml"),
)
_COMMANDS, _OPTIONS = "Commands:", "Options:"
OPTIONS = {
    "--lang LANG": "The language: en or tr.",
    "--version": "Show the version and exit.",
    "-h, --help": "Show this message and exit.",
}
_MORE = "“imsync COMMAND --help” has a command's options and examples."
# What is to be translated: everything above that is no command.
TEXTS = (_USAGE, ABOUT, _FIRST, _THEN, _COMMANDS, *COMMANDS.values(), _OPTIONS, *OPTIONS.values(), _MORE)


def overview() -> str:
    """The text of `imsync --help`, narrow enough for any terminal."""
    lines = [said(_USAGE), "", f"  {said(ABOUT)}", ""]
    lines += [f"  {said(what):<12} {command}" for what, command in _EXAMPLES]
    lines += ["", said(_COMMANDS), *_listed(COMMANDS), "", said(_OPTIONS), *_listed(OPTIONS), "", said(_MORE)]
    return "".join(f"{line}\n" for line in lines)


def _word(word: str) -> str:
    """What stands for a value is said in the language; a command or an option is the same in every one."""
    return said(word) if word.isupper() else word


def _listed(names: dict[str, str]) -> list[str]:
    shown = {" ".join(map(_word, name.split(" "))): about for name, about in names.items()}
    widest = max(map(len, shown))
    return [f"  {name:<{widest}}  {said(about)}" for name, about in shown.items()]
