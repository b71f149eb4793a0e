"""What `imsync --help` shows: every command with one line about it.

What enters: nothing. What leaves: the commands' names, the text.
What never happens here: importing a command, or anything else that takes time.
"""

# A test compares the names with the modules.
COMMANDS = {
    "demo": "Show the whole job on sample data, against a sandbox.",
    "init": "Guess a mapping from a file's headers and cells.",
    "schema": "Print the mapping's JSON Schema, for editors.",
    "check": "Read, map and validate files; nothing is sent.",
    "plan": "Show what would change, and save the plan.",
    "apply": "Carry out a saved plan.",
    "sync": "Plan and apply in one go.",
    "resume": "Finish an interrupted run.",
    "undo": "Put back what a run changed.",
    "runs": "List past runs, and show what one of them did.",
    "report": "Write the reports of a past run again.",
    "why": "Tell one row's whole story.",
    "reconcile": "Compare a sheet and the book in both directions.",
    "export": "Write all of the book that can be reached to a file.",
    "groups": "List, add, rename and remove the account's groups.",
    "fields": "Show the custom fields that the account's contacts have.",
    "doctor": "Check credentials and access; learn what searches can do.",
    "sandbox": "Serve the sandbox API until stopped.",
    "completion": "Print the script that lets the shell complete commands.",
}
NOT_YET = ("login", "run")

_HEAD = """\
Usage: imsync COMMAND [OPTIONS] …

  Keep the İleti Merkezi address book in step with your spreadsheets.

  Try it:      imsync demo
  Your file:   imsync init customers.xlsx -o customers.yaml
               imsync check customers.xlsx -m customers.yaml
               imsync sync customers.xlsx -m customers.yaml

Commands:
"""
_FOOT = """
Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

“imsync COMMAND --help” has a command's options and examples.
"""


def overview() -> str:
    """The text of `imsync --help`, narrow enough for any terminal."""
    widest = max(map(len, COMMANDS))
    lines = (f"  {name:<{widest}}  {about}\n" for name, about in COMMANDS.items())
    return "".join([_HEAD, *lines, _FOOT])
