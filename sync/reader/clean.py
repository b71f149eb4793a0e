"""Cleans columns: from the texts that people write to the values that the API stores.

What enters: a column of texts (missing where empty) and its spec. What leaves: a column of values, and the bad cells.
What never happens here: dropping a row; guessing a value that the cell does not hold.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import email_validator
import pandas as pd
import phonenumbers
from phonenumbers import PhoneNumberType

from sync import canonical
from sync.mapping import ColumnSpec, CustomFieldSpec, PhoneColumn, Transform
from sync.sheet import GROUP_SEPARATOR
from sync.tables import labels

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_EXPONENT = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_PLAIN_EMAIL = (
    r"^[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
)
_LONGEST_PLAIN_EMAIL = 64  # below every limit of the e-mail standards, so that the fast path need not know them
# Domains such as .local, which the standards reserve and the library refuses.
_SPECIAL_DOMAIN = "[.@](?:" + "|".join(re.escape(name) for name in email_validator.SPECIAL_USE_DOMAIN_NAMES) + ")$"
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]"

_TRANSFORMS: dict[Transform, Callable[[str], str]] = {
    "squeeze": canonical.squeezed,
    "title": canonical.turkish_title,
    "upper": canonical.turkish_upper,
    "lower": canonical.turkish_lower,
}


@dataclass(frozen=True, slots=True)
class Bad:
    """Why one text cannot be used: a message code and its values."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A column's values (missing where empty or bad), and what is bad, by the row's index."""

    values: pd.Series
    bad: dict[int, Bad]


def clean_column(name: str, spec: ColumnSpec, texts: pd.Series) -> Cleaned:
    """The values of the field `name` (as `Contact.value` names it), after the spec's transforms."""
    for transform in spec.transforms:
        texts = texts.map(_TRANSFORMS[transform], na_action="ignore").astype("str")
    if isinstance(spec, PhoneColumn):
        return _phones(texts, spec)
    if name == "email":
        return _emails(texts)
    if name == "id":
        return _each(texts, _contact_id)
    if isinstance(spec, CustomFieldSpec) and spec.type == "date":
        return _each(texts, lambda text: _date(text, spec))
    if isinstance(spec, CustomFieldSpec) and spec.type == "choice":
        choices = {canonical.label(choice): stored for choice, stored in spec.choices.items()}
        return _each(texts, lambda text: _choice(text, choices, spec))
    return _texts(texts)


def clean_groups(texts: pd.Series, separator: str | None) -> pd.Series:
    """Group labels, squeezed, joined by `GROUP_SEPARATOR`; several in a cell stand between ; , or | by default."""
    pattern = re.escape(separator) if separator else "[;,|]"

    def labels(text: str) -> str:
        return GROUP_SEPARATOR.join(label for part in re.split(pattern, text) if (label := canonical.squeezed(part)))

    cleaned = _mapped(texts, labels)
    return cleaned.where(cleaned != "")


def _mapped(texts: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    """The function's results, computed once for each different text."""
    results = {text: function(text) for text in texts.dropna().unique()}
    return texts.map(results, na_action="ignore").astype("str")


def _each(texts: pd.Series, clean: Callable[[str], str | Bad]) -> Cleaned:
    """Each different text cleaned once."""
    results = {text: clean(text) for text in texts.dropna().unique()}
    wrong = {text: result for text, result in results.items() if isinstance(result, Bad)}
    good = {text: result for text, result in results.items() if not isinstance(result, Bad)}
    bad = texts[texts.isin(list(wrong))] if wrong else texts.iloc[:0]
    return Cleaned(
        texts.map(good, na_action="ignore").astype("str"),
        {label: wrong[text] for label, text in zip(labels(bad.index), bad, strict=True)},
    )


def _with_fast_path(texts: pd.Series, known: pd.Series, clean: Callable[[str], str | Bad]) -> Cleaned:
    """The values known already, and the rest cleaned one by one."""
    rest = _each(texts[known.isna() & texts.notna()], clean)
    return Cleaned(known.where(known.notna(), rest.values.reindex(texts.index)).astype("str"), rest.bad)


def _phones(texts: pd.Series, spec: PhoneColumn) -> Cleaned:
    nothing = pd.Series(pd.NA, index=texts.index, dtype="str")
    known = canonical.turkish_mobiles(texts) if spec.region == "TR" else nothing
    return _with_fast_path(texts, known, lambda text: _phone(text, spec))


def _phone(text: str, spec: PhoneColumn) -> str | Bad:
    text = text.strip()
    if _EXPONENT.fullmatch(text):
        return Bad("phone_lost_digits")
    text = re.sub(r"(?<=\d)[.,]0$", "", text)  # a number that a program has written with decimals
    text = re.sub(r"^tel\s*[.:]?", "", text, flags=re.IGNORECASE)
    if re.search(r"[^\W\d_]", text):  # the library would read letters as those on a keypad
        return Bad("phone_invalid")
    try:
        number = phonenumbers.parse(canonical.bare_phone(text), spec.region)
    except phonenumbers.NumberParseException:
        return Bad("phone_invalid")
    if not phonenumbers.is_valid_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        short, long = phonenumbers.ValidationResult.TOO_SHORT, phonenumbers.ValidationResult.TOO_LONG
        return Bad({short: "phone_too_short", long: "phone_too_long"}.get(reason, "phone_invalid"))
    if spec.kind == "mobile" and phonenumbers.number_type(number) not in _MOBILE:
        return Bad("phone_not_mobile")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _emails(texts: pd.Series) -> Cleaned:
    stripped = texts.str.strip()
    plain = stripped.str.fullmatch(_PLAIN_EMAIL) & (stripped.str.len() <= _LONGEST_PLAIN_EMAIL)
    plain &= ~stripped.str.contains("--|xn-", case=False, regex=True)  # international domains are the library's
    plain &= ~stripped.str.lower().str.contains(_SPECIAL_DOMAIN, regex=True)
    return _with_fast_path(texts, stripped.where(plain.fillna(value=False).astype(bool)), _email)


def _email(text: str) -> str | Bad:
    text = "".join(letter for letter in text.strip() if unicodedata.category(letter) != "Cf")
    local, at, domain = text.rpartition("@")
    if not domain.isascii():
        text = f"{local}{at}{canonical.turkish_lower(domain)}"  # İ must not become an i with a dot above
    try:
        found = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError as error:
        return Bad("email_invalid", {"reason": str(error)})
    return str(found.normalized)


def _contact_id(text: str) -> str | Bad:
    return text.strip() if re.fullmatch(r"\s*[1-9]\d{0,17}\s*", text) else Bad("id_invalid")


def _date(text: str, spec: CustomFieldSpec) -> str | Bad:
    iso = _date_as(text, spec.input) if spec.input else canonical.date(text)
    if not iso:
        return Bad("date_invalid", {"formats": ", ".join(spec.input)})
    return datetime.date.fromisoformat(iso).strftime(spec.output)


def _date_as(text: str, formats: tuple[str, ...]) -> str:
    for each in (*formats, "%Y-%m-%d"):  # the last is how a workbook's own dates arrive
        try:
            return datetime.datetime.strptime(text.strip(), each).date().isoformat()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
    return ""


def _choice(text: str, choices: dict[str, str], spec: CustomFieldSpec) -> str | Bad:
    stored = choices.get(canonical.label(text))
    return Bad("choice_unknown", {"known": ", ".join(spec.choices)}) if stored is None else stored


def _texts(texts: pd.Series) -> Cleaned:
    values = texts.str.strip()
    beyond_ascii = (values.notna() & ~values.str.match("^[\x20-\x7e]*$").fillna(value=False)).astype(bool)
    if beyond_ascii.any():
        composed = values[beyond_ascii].map(lambda text: unicodedata.normalize("NFC", text))
        values = values.where(~beyond_ascii, composed.reindex(values.index))
    wrong = values.str.contains(_CONTROL, regex=True).fillna(value=False).astype(bool)
    return Cleaned(values.where(~wrong), dict.fromkeys(labels(values.index[wrong]), Bad("control_character")))
