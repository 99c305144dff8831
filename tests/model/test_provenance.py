"""Statuses: the worst wins, and of equally bad ones no reason is lost."""

from spatial.model.provenance import OK, DataStatus
from spatial.text import Message, render

LEVELS = DataStatus("doubtful", Message("crs.missing"))
WEEKEND = DataStatus("doubtful", Message("streets.not_finite"))
GONE = DataStatus("absent", Message("people.negative"))


def test_the_worse_wins() -> None:
    assert OK.worse(LEVELS) == LEVELS.worse(OK) == LEVELS
    assert LEVELS.worse(GONE) == GONE.worse(LEVELS) == GONE
    assert OK.worse(OK) == OK


def test_both_reasons_are_kept_once() -> None:
    both = LEVELS.worse(WEEKEND).worse(LEVELS)
    assert both.name == "doubtful"
    said = render(both.reason, "en")
    assert said.count("no coordinate system") == 1
    assert "not numbers" in said
