"""What people call a field: the header that feeds it, and where that feeds several the field's own word beside it.

What enters: the headers of mapped fields, by name. What leaves: a label in the language that is spoken.
What never happens here: a place in a file (a bad cell's column is called by its header alone).
"""

from collections.abc import Mapping

from sync import canonical, messages


def field_label(labels: Mapping[str, str], name: str) -> str:
    """The label of a field such as `gsm` or `custom:3`, of which `labels` knows the header where it has one."""
    label = labels.get(name)
    if not label:
        return messages.field_words(name)
    meant = canonical.label(label)
    shared = any(canonical.label(other) == meant for field, other in labels.items() if field != name)
    return f"{label} ({messages.field_words(name)})" if shared else label
