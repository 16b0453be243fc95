"""Numbers as the rationals they are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from ._errors import RelucertError

#: What options take: a float stands for its shortest decimal, as on the command line.
Number = Union[int, float, str, Fraction, Decimal]

Floats = npt.NDArray[np.float64]


def option_text(value: Number, name: str) -> str:
    """An option as the text that the command line would get: ``0.01`` is 1/100, not the double next to it."""
    if isinstance(value, (bool, np.bool_)):
        raise RelucertError(f"{name}: {value!r} is not a number", "give a decimal or p/q")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (Integral, np.integer)):
        return str(int(value))
    if isinstance(value, Rational):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        # np.float64 is a float as well.
        return float.__repr__(float(value))
    if isinstance(value, np.floating):
        # The shortest decimal that this float type reads back.
        return str(value)
    raise RelucertError(f"{name}: {type(value).__name__} is not a number", "give a number, or its text: a decimal or p/q")


def entry_fraction(value: Any) -> Fraction:
    """An entry of an array of objects, exactly; ``TypeError`` if it is no number."""
    if isinstance(value, (bool, np.bool_, str, bytes)) or value is None:
        raise TypeError(type(value).__name__)
    if isinstance(value, (int, float, Fraction, Decimal)):
        return Fraction(value)
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, np.integer):
        return Fraction(int(value))
    if isinstance(value, np.floating):
        return Fraction(*value.as_integer_ratio())
    raise TypeError(type(value).__name__)


def fraction(text: str) -> Fraction:
    """``p/q`` as a fraction; quickly, and of any length."""
    numerator, _, denominator = text.partition("/")
    return Fraction(_integer(numerator), _integer(denominator) if denominator else 1)


#: Python refuses to read more decimal digits than this at once.
_DIGITS = 4000


def _integer(text: str) -> int:
    if len(text) <= _DIGITS:
        return int(text)
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text)
    half = len(digits) // 2
    tens: int = 10**half
    return sign * (_integer(digits[:-half]) * tens + _integer(digits[-half:]))


def fraction_text(value: Fraction) -> str:
    """A fraction as ``p/q``, of any length."""
    return f"{_digits(value.numerator)}/{_digits(value.denominator)}"


def _digits(value: int) -> str:
    if value.bit_length() < 13000:
        return str(value)
    if value < 0:
        return "-" + _digits(-value)
    half = value.bit_length() * 3 // 20
    high, low = divmod(value, 10**half)
    return _digits(high) + _digits(low).zfill(half)
