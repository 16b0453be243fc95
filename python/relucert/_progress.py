"""Progress of a long call: a line by tqdm where it is installed and somebody can see it, or a function of the caller's."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional, Union

#: ``None``: a line by tqdm if it is installed and the error stream is a terminal or a notebook; ``True``: by tqdm in any case; ``False``: none; a function: called
#: with a line of words now and then.
Progress = Union[None, bool, Callable[[str], object]]


def _watched() -> bool:
    if "ipykernel" in sys.modules:
        return True
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:
        # A closed stream.
        return False


@contextmanager
def listener(progress: Progress, what: str) -> Iterator[Optional[Callable[[Optional[str]], None]]]:
    """What the compiled half calls every few hundredths of a second, with a message if there is a new one."""
    if callable(progress):
        function = progress

        def tell(message: Optional[str]) -> None:
            if message is not None:
                function(message)

        yield tell
        return
    if progress is False or (progress is None and not _watched()):
        yield None
        return
    bar: Any = None

    def show(message: Optional[str]) -> None:
        nonlocal bar
        if bar is None:
            bar = _bar(what)
        if message is not None:
            bar.set_description_str(f"{what}: {message}", refresh=False)
        bar.refresh()

    try:
        import tqdm  # noqa: F401
    except ImportError:
        if progress is True:
            raise
        yield None
        return
    try:
        yield show
    finally:
        if bar is not None:
            bar.close()


def _bar(what: str) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=None, desc=what, leave=False, bar_format="{desc} [{elapsed}]")
