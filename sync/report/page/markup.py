"""HTML that is escaped by construction.

What enters: texts, attributes. What leaves: HTML. What never happens here: a text that becomes markup.
"""

from collections.abc import Iterable
from html import escape

_VOID = ("input", "rect")


class Html(str):
    """Markup; any other text is escaped where it enters markup."""

    __slots__ = ()


def element(name: str, *children: str | None, **attributes: str | int | bool | None) -> Html:
    """An element with these children (None is left out) and attributes.

    An attribute that is None or False is left out, True stands without a value; a trailing underscore is dropped, the
    others become hyphens.
    """
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{told}/>")
    return Html(f"<{name}{told}>{joined(children)}</{name}>")


def joined(children: Iterable[str | None]) -> Html:
    """The children after one another, texts escaped."""
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in children if each is not None))
