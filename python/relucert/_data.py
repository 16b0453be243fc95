"""Arrays, frames and tensors as exact tables: doubles where they hold every entry, fractions where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, List, Optional, Union

import numpy as np
import numpy.typing as npt

from ._errors import RelucertError
from ._exact import entry_fraction, fraction_text

Array = npt.NDArray[Any]

FINITE = "remove or replace NaN and infinite entries (rows and columns count from 0 here)"
NUMBERS = "give numbers: floats and integers of any NumPy type, Fraction or Decimal"
#: Integers up to this are doubles.
EXACT_INTEGER = 2**53
#: Limits that a problem has to keep, so that its proof can be checked; those of the command line.
ROWS, FEATURES, ENTRIES = 10_000_000, 1_000, 200_000_000


def payload(values: Array) -> Union[bytes, List[str]]:
    """The entries, row by row, as the compiled half takes them."""
    if values.dtype == np.float64:
        return np.ascontiguousarray(values, dtype="<f8").tobytes()
    return [fraction_text(value) for value in values.ravel()]


def is_tensor(value: Any) -> bool:
    """Whether it is a torch tensor; torch is not imported for this."""
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")


def tensor_array(tensor: Any, what: str) -> Array:
    """A torch tensor, on whatever device, as an array with the same numbers."""
    import torch

    try:
        plain = tensor.detach().to("cpu")
        if plain.is_complex():
            raise RelucertError(f"{what}: complex numbers", NUMBERS)
        if plain.dtype.is_floating_point:
            plain = plain.to(torch.float64)
        return np.asarray(plain.numpy())
    except (NotImplementedError, RuntimeError, TypeError) as error:
        raise RelucertError(
            f"{what}: the tensor cannot be read: {str(error).splitlines()[0]}",
            "give a dense tensor that holds numbers, or an array",
        ) from error


def numeric(values: Any, what: str) -> Array:
    """An array as doubles, or as fractions where doubles do not hold every entry. Exact."""
    if is_tensor(values):
        values = tensor_array(values, what)
    if isinstance(values, np.ma.MaskedArray):
        if np.ma.is_masked(values):
            raise RelucertError(f"{what}: masked entries", "fill or remove them first")
        values = values.data
    if hasattr(values, "tocsr") or type(values).__module__.startswith("scipy.sparse"):
        raise RelucertError(f"{what}: a sparse matrix", f"give {what}.toarray()")
    try:
        array: Array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise RelucertError(f"{what}: not a rectangular array of numbers", "give rows of equal length") from error
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize <= 8:
        return _finite(array.astype(np.float64, copy=False), what)
    if kind == "b":
        return array.astype(np.float64)
    if kind in "iu":
        if array.size == 0 or (int(array.max()) <= EXACT_INTEGER and int(array.min()) >= -EXACT_INTEGER):
            return array.astype(np.float64)
        return _fractions(array.astype(object), what)
    if kind == "f":
        _finite(array, what)
        return _fractions(array, what)
    if kind == "O":
        return _narrow(_fractions(array, what))
    name = {"U": "text", "S": "text", "M": "dates", "m": "time differences", "c": "complex numbers", "V": "records"}
    raise RelucertError(f"{what}: {name.get(kind, 'entries')} of dtype {array.dtype}, not numbers", NUMBERS)


def place(what: str, index: Any, shape: Any) -> str:
    """Where an entry is."""
    where = [int(i) for i in np.atleast_1d(np.asarray(index))]
    if len(shape) == 2:
        return f"array `{what}`, row {where[0]}, column {where[1]}"
    if len(shape) == 1:
        return f"array `{what}`, row {where[0]}, column 0"
    return f"array `{what}`, entry {tuple(where)}"


def _finite(array: Array, what: str) -> Array:
    good = np.isfinite(array)
    if not good.all():
        index = np.argwhere(~good)[0]
        value = array[tuple(index)]
        raise RelucertError(f"{place(what, index, array.shape)}: {value} is not a finite number", FINITE)
    return array


def _fractions(array: Array, what: str) -> Array:
    out = np.empty(array.shape, dtype=object)
    for index, value in np.ndenumerate(array):
        try:
            out[index] = entry_fraction(value)
        except TypeError as error:
            shown = f"a value of type {error}" if not isinstance(value, str) else f"the text {value!r}"
            raise RelucertError(f"{place(what, index, array.shape)}: {shown} is not a number", NUMBERS) from None
        except (ValueError, OverflowError):
            raise RelucertError(f"{place(what, index, array.shape)}: {value} is not a finite number", FINITE) from None
    return out


def _narrow(array: Array) -> Array:
    """Doubles, if they hold every fraction of the array."""
    try:
        floats = np.array([float(value) for value in array.ravel()], dtype=np.float64).reshape(array.shape)
    except OverflowError:
        return array
    same = all(Fraction(a) == b for a, b in zip(floats.ravel().tolist(), array.ravel()))
    return floats if same else array


def approximate(array: Array) -> npt.NDArray[np.float64]:
    """The nearest doubles, for checks that are numerical."""
    return array.astype(np.float64)


@dataclass
class Table:
    """Features with their names."""

    x: Array
    features: List[str]

    @property
    def n(self) -> int:
        return int(self.x.shape[0])

    @property
    def d(self) -> int:
        return int(self.x.shape[1])


def table(values: Any, what: str = "X") -> Table:
    """The features: an array of shape (n, d), a frame with numeric columns, a tensor, a list of rows."""
    if hasattr(values, "columns") and hasattr(values, "dtypes"):
        result = _frame(values, what)
    else:
        x = numeric(values, what)
        if x.ndim != 2:
            raise RelucertError(
                f"array `{what}`: the shape is {x.shape}",
                f"{what} has the shape (n, d); a single feature is {what}.reshape(-1, 1)",
            )
        result = Table(x, [f"x{j}" for j in range(x.shape[1])])
    if result.n == 0:
        raise RelucertError(f"array `{what}`: there are no rows of data (n = 0)", "at least one sample is needed")
    if result.d == 0:
        raise RelucertError(f"array `{what}`: there is no feature column", "at least one column is needed")
    for number, most, name in ((result.n, ROWS, "rows"), (result.d, FEATURES, "features"), (result.n * result.d, ENTRIES, "entries")):
        if number > most:
            limits = f"the limits are {ROWS} rows, {FEATURES} features and {ENTRIES} entries"
            raise RelucertError(f"array `{what}`: there are {number} {name}", limits)
    return result


def _frame(frame: Any, what: str) -> Table:
    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise RelucertError(f"{what}: the column name `{name}` appears twice", "give every column its own name")
    columns = [_column(frame[key], f"{what}[{name!r}]") for key, name in zip(frame.columns, names)]
    if not columns:
        return Table(np.empty((len(frame), 0)), names)
    if all(column.dtype == np.float64 for column in columns):
        return Table(np.column_stack(columns), names)
    x = np.empty((len(columns[0]), len(columns)), dtype=object)
    for j, column in enumerate(columns):
        x[:, j] = [Fraction(value) for value in column.tolist()]
    return Table(x, names)


def _column(column: Any, what: str) -> Array:
    """A column of a frame."""
    missing = column.isna() if hasattr(column, "isna") else None
    if missing is not None and bool(missing.any()):
        row = int(np.argmax(np.asarray(missing)))
        raise RelucertError(f"{what}, row {row}: a missing value", FINITE)
    dtype = getattr(column, "dtype", None)
    if getattr(dtype, "name", "") == "category":
        raise RelucertError(f"{what}: categories, not numbers", "encode them as numbers, or leave the column out")
    plain = getattr(dtype, "numpy_dtype", None)
    return numeric(column.to_numpy() if plain is None else column.to_numpy(dtype=plain), what)


def targets(values: Any, n: Optional[int], what: str = "y") -> Array:
    """The targets: shape (n,) or (n, 1)."""
    if hasattr(values, "columns") and hasattr(values, "dtypes"):
        y = _frame(values, what).x
    elif hasattr(values, "isna") and hasattr(values, "to_numpy"):
        y = _column(values, what)
    else:
        y = numeric(values, what)
    if y.ndim == 2 and y.shape[1] > 1:
        raise RelucertError(f"array `{what}`: the shape is {y.shape}", "several outputs are not supported yet: give one column as y")
    if y.ndim not in (1, 2) or (y.ndim == 2 and y.shape[1] == 0) or (n is not None and y.shape[0] != n):
        rows = "n" if n is None else str(n)
        help = f"X has {rows} rows, so {what} has the shape ({rows},) or ({rows}, 1)"
        raise RelucertError(f"array `{what}`: the shape is {y.shape}", help)
    return y.reshape(-1)


def target_name(values: Any) -> str:
    """The name of a series, or of the one column of a frame; else ``y``."""
    name = getattr(values, "name", None)
    if name is None and hasattr(values, "columns") and len(values.columns) == 1:
        name = values.columns[0]
    return "y" if name is None or callable(name) else str(name)
