from __future__ import annotations

import io

import pytest
from rich.console import Console

from partworks.progress import LiveDisplay, PlainDisplay
from partworks.records import Attempt, Status


def attempt(status: Status, message: str = "") -> Attempt:
    reason = "" if status == "ok" else "flaky"
    return Attempt(
        uid="abc", stage="make", status=status, fingerprint="f", reason=reason, message=message
    )


def test_plain_lines_say_failures_at_once_and_counts_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    display = PlainDisplay()
    display.begin("make", 3)
    display.attempt(attempt("ok"))
    display.attempt(attempt("failed", "the line was busy\nand more"))
    display.attempt(attempt("rejected"))
    display.tick()
    shown = capsys.readouterr()
    assert shown.err == "make: abc failed, flaky: the line was busy\n"
    assert shown.out == "", "stdout is for results"
    display.end()
    assert capsys.readouterr().err.startswith("make: 3/3, ")


def test_a_terminal_keeps_one_bar_for_each_stage() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    display = LiveDisplay(console)
    for stage in ("make", "use", "pack"):
        display.begin(stage, 2)
        display.attempt(attempt("ok"))
        display.attempt(attempt("failed", "[bold]not markup"))
        display.end()
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "[bold]not markup" in shown
    final = shown.rsplit("pack", 1)[1]
    assert "2/2" in final and "1 failed" in final
    assert "make" not in final and "use" not in final, "bars of earlier stages are not drawn again"
