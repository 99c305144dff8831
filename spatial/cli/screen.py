"""What goes to the screen: tables to stdout, progress and problems to stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, Timer
from types import TracebackType
from typing import Any

import typer

from spatial.errors import SpatialError
from spatial.text import Message, Value, render

PATIENCE_S = 1.0
WIDTH_IN_A_FILE = 160


def speak_utf8() -> None:
    """Pipes of Windows speak the machine's code page; ours speak UTF-8 everywhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(key: str, language: str, **values: Value) -> str:
    """The sentence under a key, filled with values."""
    return render(Message(key, values), language)


def put(line: str = "") -> None:
    """One line to stdout."""
    typer.echo(line)


def put_json(content: Any) -> None:
    """Results for machines; NaN is null."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False))


@contextmanager
def problems_said(language: str) -> Iterator[None]:
    """Errors of the input or the study become sentences on stderr and exit code 1."""
    try:
        yield
    except SpatialError as error:
        typer.echo(error.in_language(language), err=True)
        raise typer.Exit(1) from None


def screen_width() -> int:
    """Characters in a line of stdout."""
    from rich.console import Console

    console = Console(file=sys.stdout)
    return console.width if console.is_terminal else WIDTH_IN_A_FILE


def put_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
) -> None:
    """A table to stdout; nothing when there are no rows.

    `right`: columns that are set to the right; `whole`: those that are never broken, such as ids, which are copied.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    body = [[Text(cell) for cell in row] for row in rows]
    if not body:
        return
    console = Console(file=sys.stdout, width=screen_width())
    table = Table(
        title=Text(title, style="bold") if title else None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for position, column in enumerate(columns):
        table.add_column(
            Text(column),
            justify="right" if position in right else "left",
            overflow="fold",
            no_wrap=position in whole,
            min_width=max(len(row[position]) for row in body) if position in whole else None,
        )
    for row in body:
        table.add_row(*row)
    console.print(table)


class Bar:
    """A progress bar on stderr, shown once work has taken a second, and only to people."""

    def __init__(self, message: str = "") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        text = TextColumn("{task.description}", markup=False)
        self._progress = Progress(
            text, BarColumn(), TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
        )
        self._task = self._progress.add_task(message, total=None)
        self._timer = Timer(PATIENCE_S, self._show)
        self._timer.daemon = True
        self._is_over, self._lock = False, Lock()

    def __call__(self, message: str, fraction: float) -> None:
        """Say what is being done, and how much of all the work is behind us (0 to 1)."""
        self._progress.update(self._task, description=message, total=1.0, completed=fraction)

    def __enter__(self) -> Bar:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            self._progress.stop()

    def _show(self) -> None:
        with self._lock:
            if not self._is_over:
                self._progress.start()
