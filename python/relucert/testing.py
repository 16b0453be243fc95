"""Assertions for test suites."""

from __future__ import annotations

import os
import tempfile
from fractions import Fraction
from typing import Any, Optional

from ._api import certify
from ._exact import Number
from .certificate import Certificate


def assert_globally_optimal(
    model: Any,
    X: Any,
    y: Any,
    *,
    weight_decay: Optional[Number] = None,
    tolerance: Number = 1e-6,
    **options: Any,
) -> Certificate:
    """Asserts that a model is proven to be within ``tolerance`` of the global optimum over networks of every width; gives the certificate.

    ``options`` are further arguments of :func:`relucert.certify`. The message of the ``AssertionError`` tells the gap, a better network if one was found, where
    that is saved, and how to ask again.

    >>> import relucert, relucert.testing
    >>> X, y = [[-1.0], [0.0], [1.0]], [1.0, 0.0, 1.0]
    >>> best = relucert.solve(X, y, weight_decay=0.1).best
    >>> relucert.testing.assert_globally_optimal(best, X, y, weight_decay=0.1)
    <Certificate: optimal, objective 0.1775, lower bound 0.1775>
    """
    __tracebackhide__ = True
    certificate = certify(X, y, model, weight_decay=weight_decay, tolerance=tolerance, **options)
    if certificate.is_optimal:
        return certificate
    raise AssertionError(_message(certificate, weight_decay, tolerance, options))


def _message(certificate: Certificate, weight_decay: Optional[Number], tolerance: Number, options: Any) -> str:
    gap = float(certificate.relative_gap)
    words = "is not globally optimal" if certificate.verdict == "not_optimal" else "is not proven to be globally optimal"
    lines = [
        f"the model {words}: its objective is {float(certificate.objective):.12g}, the proven lower bound for networks of every width "
        f"{float(certificate.lower_bound):.12g}",
        f"gap {float(certificate.gap):.3g}, which is {gap:.3g} of the objective; tolerance {float(Fraction(certificate.tolerance)):.3g}",
    ]
    if certificate.best is not None:
        lines.append(f"a network of {certificate.best.width} neurons reaches {float(certificate.upper_bound):.12g}")
        folder = tempfile.mkdtemp(prefix="relucert-")
        file = os.path.join(folder, "certificate.json")
        certificate.save(file)
        lines.append(f"it is saved: relucert.Certificate.load({file!r}).best")
    if certificate.verdict == "undecided":
        lines.append("undecided: more time_limit or max_leaves may decide it, or a larger tolerance")
    given = {"weight_decay": weight_decay, "tolerance": tolerance, **options}
    shown = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)
    lines.append(f"reproduce: relucert.certify(X, y, model, {shown}); statement sha256 {certificate.statement}")
    return "\n".join(lines)
