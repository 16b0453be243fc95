"""Exceptions and warnings. Their words are the command line's, with options under their Python names."""

from __future__ import annotations

import re
from typing import Optional

# Options of the command line that are parameters here.
_PARAMETERS = frozenset(
    "activation bias checkpoint loss max-cells max-leaves method no-bias no-decay output-bias "
    "proof resume ridge seed threads time-limit tolerance trees weight-decay width".split()
)


def _in_python(text: str) -> str:
    """The text with ``--weight-decay`` and the like as ``weight_decay``."""

    def name(match: "re.Match[str]") -> str:
        flag = match.group(1)
        return flag.replace("-", "_") if flag in _PARAMETERS else match.group(0)

    return re.sub(r"--([a-z]+(?:-[a-z]+)*)", name, text)


class RelucertError(ValueError):
    """Input that cannot be used: what is wrong, where, and what to do about it.

    ``message`` is the first line, ``help`` the mend (or ``None``).
    """

    def __init__(self, message: str, help: Optional[str] = None) -> None:
        self.message = _in_python(message)
        self.help = None if help is None else _in_python(help)
        super().__init__(self.message, self.help)

    def __str__(self) -> str:
        return self.message if self.help is None else f"{self.message}\n  help: {self.help}"


class UnsupportedModelError(RelucertError):
    """A model, or a way of training it, that has no objective of the kind relucert is about."""


class InterruptedWarning(UserWarning):
    """An interrupt ended a search; its result is valid, and weaker than it might have been."""


class ModelWarning(UserWarning):
    """Something about the model or its training that may make the question another one than was meant."""
