"""E-mail addresses: from what people and programs write into a cell to one address.

What enters: a column of texts. What leaves: addresses with small domains, what is bad, and what was left out of a cell.
What never happens here: asking a name server; changing what stands before the @-sign.
"""

import re

import email_validator
import pandas as pd

from sync import canonical
from sync.reader.findings import Answer, Cleaned, Finding, Used, with_fast_path

_PLAIN = r"^[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
_LONGEST_PLAIN = 64  # below every limit of the e-mail standards, so that the fast path need not know them
# International domains are the library's, and so are those such as .local, which the standards reserve.
_RESERVED = "|".join(re.escape(name) for name in email_validator.SPECIAL_USE_DOMAIN_NAMES)
_SPECIAL = f"--|xn-|[.@](?:{_RESERVED})$"
_LABEL = re.compile(r"(?:mailto|e-?posta|e-?mail|mail)\s*:\s*", re.IGNORECASE)
_NAMED = re.compile(r"[^<>@]*<([^<>]*)>")
_BETWEEN = re.compile(r"[,;|/]+")
_STRANGE = re.compile(r"[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]")
_LOCAL, _WHOLE = 64, 254  # the most letters before the @-sign, and in all
_AND = frozenset({"ve", "veya", "&", "-", "–"})


def emails(texts: pd.Series) -> Cleaned:
    """A column of e-mail addresses."""
    return with_fast_path(texts, known_addresses(texts), email)


def known_addresses(texts: pd.Series) -> pd.Series:
    """The fast path: the address where a text is plainly one, missing elsewhere; it agrees with the library."""
    stripped = texts.str.strip()
    plain = stripped.str.fullmatch(_PLAIN) & (stripped.str.len() <= _LONGEST_PLAIN)
    plain &= ~stripped.str.contains(_SPECIAL, case=False, regex=True)
    known = stripped.where(plain.fillna(value=False).astype(bool))
    capital = known.str.contains("@.*[A-Z]", regex=True).fillna(value=False).astype(bool)
    if capital.any():
        known = known.mask(capital, known[capital].map(_with_small_domain).reindex(known.index))
    return known.astype("str")


def _with_small_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def email(text: str) -> Answer:
    """One cell of such a column; it agrees with the fast path, which is for cells that hold an address alone."""
    lines = [canonical.squeezed(line) for line in canonical.visible(text).splitlines()]
    text = ",".join(line for line in lines if line)
    if not text:
        return ""
    whole = _address(text)
    if isinstance(whole, str):
        return whole
    pieces = [piece.strip() for piece in _BETWEEN.split(text) if "@" in piece]
    if len(pieces) == 1:
        words = [word for word in pieces[0].split(" ") if word not in _AND]
        pieces = words if all("@" in word for word in words) else pieces
    if len(pieces) < 2 or any(piece.count("@") != 1 for piece in pieces):  # noqa: PLR2004 - several
        return whole
    first = _address(pieces[0])
    if isinstance(first, Finding):
        return first
    left = [piece for piece in pieces[1:] if _address(piece) != first]
    return Used(first, Finding("email_several", {"used": first, "left": ", ".join(left)})) if left else first


def _address(text: str) -> str | Finding:
    """The one address that the text holds, with what programs put around it."""
    if named := _NAMED.fullmatch(text.rstrip(" .,;")):
        text = named[1]
    text = text.strip(" '\"")
    if label := _LABEL.match(text):
        text = text[label.end() :].partition("?")[0]
    local, at, domain = text.rstrip(" .,;'\"").rpartition("@")
    if not domain.isascii():
        domain = canonical.turkish_lower(domain)  # İ must not become an i with a dot above
    try:
        found = email_validator.validate_email(f"{local}{at}{domain}", check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError:
        fault = _fault(local, at, domain)
        strange = _STRANGE.search(local)
        if fault == "email_letters" and strange is not None:
            return Finding("email_invalid", {"reason": "email_letter", "letter": strange[0]})
        return Finding("email_invalid", {"reason": fault})
    return str(found.normalized)


def _fault(local: str, at: str, domain: str) -> str:
    """What is wrong with it; the library has words for that in English alone."""
    parts = local, domain
    reserved = domain.rpartition(".")[2] in email_validator.SPECIAL_USE_DOMAIN_NAMES
    faults = {
        "email_no_at": not at,
        "email_several_at": "@" in local,
        "email_nothing_before": not local,
        "email_nothing_after": not domain,
        "email_blank": any(" " in part for part in parts),
        "email_dots": any(part.startswith(".") or part.endswith(".") or ".." in part for part in parts),
        "email_long": len(local) > _LOCAL or len(local) + len(domain) >= _WHOLE,
        "email_reserved": reserved,
        "email_no_dot": "." not in domain,
    }
    return next((fault for fault, found in faults.items() if found), "email_letters")
