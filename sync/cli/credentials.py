"""Where credentials come from: the environment, then a `.env` file, then the system's keyring.

What enters: the name of a profile, or none. What leaves: Credentials.
What never happens here: a credential printed; one taken from a file that others can read; the keyring loaded in vain.
"""

import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dotenv import dotenv_values

from sync.errors import UsageError
from sync.settings import Credentials

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

DEFAULT_PROFILE = "default"
_SERVICE = "imsync"
_NAMES = ("ILETIMERKEZI_API_KEY", "ILETIMERKEZI_API_HASH")
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FILE = "IMSYNC_ENV_FILE"


def profile_name(given: str | None) -> str:
    """The profile that is meant: the option's, else that of `IMSYNC_PROFILE`, else the default one.

    Raises:
        UsageError: it is no name.
    """
    name = given or os.environ.get("IMSYNC_PROFILE") or DEFAULT_PROFILE
    if not _PROFILE.fullmatch(name):
        raise UsageError("profile_wrong", profile=name)
    return name


def credentials(given: str | None = None) -> Credentials:
    """The key and hash of a profile.

    Raises:
        UsageError: there are none, the file that holds them is open to others, or the keyring does not open.
    """
    profile = profile_name(given)
    names = variables(profile)
    found = {name: os.environ.get(name, "").strip() for name in names}
    if not all(found.values()):
        file = _from_file(names)
        found = {name: value or file.get(name, "") for name, value in found.items()}
    missing = [name for name, value in found.items() if not value]
    if not missing:
        return Credentials(*found.values())
    if len(missing) == len(names) and (stored := _stored(profile)) is not None:
        return stored
    raise UsageError(
        "no_credentials", missing=", ".join(missing), key=names[0], hash=names[1], option=profile_option(profile)
    )


def profile_option(profile: str) -> str:
    """What a command needs to mean this profile."""
    return "" if profile == DEFAULT_PROFILE else f" --profile {profile}"


def variables(profile: str) -> tuple[str, str]:
    """The two variables of a profile: the default one's are the plain ones."""
    ending = "" if profile == DEFAULT_PROFILE else f"_{profile.upper().replace('-', '_')}"
    key, own_hash = _NAMES
    return f"{key}{ending}", f"{own_hash}{ending}"


def _from_file(names: tuple[str, ...]) -> dict[str, str]:
    """What a `.env` file in the working directory says, or the file that IMSYNC_ENV_FILE names."""
    named = os.environ.get(_FILE)
    path = Path(named or ".env")
    try:
        if named and not path.is_file():
            raise UsageError("dotenv_missing", file=path)
        found = {name: (value or "").strip() for name, value in dotenv_values(path).items() if name in names}
        if any(found.values()) and _is_open(path):
            raise UsageError("dotenv_open", file=path)
    except OSError as error:
        raise UsageError("file_unreadable", file=path, reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise UsageError("dotenv_unreadable", file=path, reason="not_utf8") from error
    return found


def _is_open(path: Path) -> bool:
    """Whether others can read the file; of those in systemd's folder for credentials the folder keeps them away."""
    guarded = os.environ.get("CREDENTIALS_DIRECTORY")
    if os.name != "posix" or (guarded and path.absolute().is_relative_to(guarded)):
        return False
    return bool(path.stat().st_mode & _OTHERS)


def store(profile: str, found: Credentials) -> None:
    """Keeps credentials in the system's keyring.

    Raises:
        UsageError: there is no keyring here, or it does not open.
    """
    _asked(_backend(), "set_password", profile, json.dumps({"key": found.key, "hash": found.hash}))


def remove(profile: str) -> bool:
    """Takes credentials out of the keyring; whether there were any.

    Raises:
        UsageError: there is no keyring here, or it does not open.
    """
    backend = _backend()
    if _asked(backend, "get_password", profile) is None:
        return False
    _asked(backend, "delete_password", profile)
    return True


def check_keyring() -> None:
    """Looks whether credentials can be kept, before anybody types them.

    Raises:
        UsageError: there is no keyring here.
    """
    _backend()


def _stored(profile: str) -> Credentials | None:
    try:
        backend = _backend()
    except UsageError:
        return None  # whoever has no keyring has nothing in it
    text = _asked(backend, "get_password", profile)
    if text is None:
        return None
    try:
        found = json.loads(text)
        return Credentials(found["key"], found["hash"])
    except (ValueError, TypeError, KeyError):
        raise UsageError("keyring_damaged", option=profile_option(profile)) from None  # the cause would show the text


def _backend() -> "KeyringBackend":
    """The system's keyring.

    Raises:
        UsageError: there is none.
    """
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    if isinstance(backend, (fail.Keyring, null.Keyring)):
        raise UsageError("keyring_none")
    return backend


def _asked(backend: "KeyringBackend", what: str, profile: str, *more: str) -> Any:  # noqa: ANN401 - each answers otherwise
    try:
        return getattr(backend, what)(_SERVICE, profile, *more)
    except Exception as error:  # noqa: BLE001 - each system's keyring raises errors of its own
        raise UsageError("keyring_failed", kind=type(error).__name__) from None  # its text may hold what was to be kept
