"""What an answer means for what may be done next.

What enters: one answer, or the way in which none came. What leaves: a verdict.
What never happens here: reading a (Turkish) message; deciding by anything but numbers.

The codes are those of the API's reference pages; each page lists its own.
"""

from dataclasses import dataclass
from enum import Enum

from sync.remote.methods import Method

SUCCESS = 200
NO_CONTACT = 465


class Verdict(Enum):
    """What may be done next."""

    DONE = "done"
    EMPTY = "empty"  # a list without items
    GONE = "gone"  # the contact is not there
    REFUSED = "refused"  # for good
    RETRY = "retry"  # nothing was written, or nothing could have been
    UNSURE = "unsure"  # a write that may have happened
    NOT_AUTHORISED = "not authorised"
    WRONG_ADDRESS = "wrong address"


# code → message code of the catalogue
REFUSALS = {
    400: "api_unparsed",
    422: "api_invalid_values",
    461: "api_group_name_empty",
    462: "api_group_id_unknown",
    463: "api_group_unknown",
    464: "api_page_zero",
    466: "api_number_invalid",
    471: "api_term_too_short",
    472: "api_contact_empty",
    473: "api_custom_field_unknown",
}
PUSHED_BACK = (429, 503)
_NOT_AUTHORISED = 401
_NO_METHOD = 404
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, as far as it could be read.

    `code` is the body's status code, None where the body could not be read; then the HTTP status has to do.
    """

    http_status: int
    code: int | None
    message: str = ""


def verdict(method: Method, answer: Answer) -> Verdict:
    """What the answer means.

    Only a well-formed 429 or 503 proves that a write did not happen; every other trouble after the request has left
    leaves it unsure. A read that met trouble can always be repeated.
    """
    code = answer.code
    trouble = Verdict.UNSURE if method.writes else Verdict.RETRY
    if code is None:
        if answer.http_status == _NOT_AUTHORISED:
            return Verdict.NOT_AUTHORISED
        if answer.http_status == _NO_METHOD or answer.http_status in _REDIRECTS:
            return Verdict.WRONG_ADDRESS
        return trouble
    if code == SUCCESS:
        return Verdict.DONE
    if code == _NOT_AUTHORISED:
        return Verdict.NOT_AUTHORISED
    if code == _NO_METHOD:
        return Verdict.WRONG_ADDRESS
    if code == NO_CONTACT:
        return Verdict.EMPTY if method.lists else Verdict.GONE
    if code in PUSHED_BACK:
        return Verdict.RETRY
    if code in REFUSALS:
        return Verdict.REFUSED
    return trouble
