"""What a stated confidence is worth: never what it says, always how it proved true."""

from __future__ import annotations

from hub.consensus.learning.calibration import Calibration
from hub.consensus.learning.records import Record, log_odds, record_of
from hub.domain.decision import Seat

ENOUGH = 30
"""Marked ballots of an agent from which on its own record is believed."""
_RECONCILE = ((0.6, 0.1), (0.8, 0.3), (0.9, 0.5), (1.0, 0.8))
"""Up to (confidence, weight); exactly 1 weighs 1 (ReConcile, Chen et al. 2023, arXiv 2309.13007)."""


def weight(calibration: Calibration, seat: Seat, confidence: float | None, k: int) -> float:
    """Return what a ballot weighs: by ReConcile's map, from 30 marks on by log-odds."""
    record = record_of(calibration, seat)
    if record.ballots < ENOUGH:
        return _mapped(confidence)
    return log_odds(record.when_sure(confidence), k)


def most(calibration: Calibration, seat: Seat, k: int) -> float:
    """Return the most that a ballot to come can weigh."""
    stated = (None, *(tenth / 10 for tenth in range(11)))
    return max(weight(calibration, seat, confidence, k) for confidence in stated)


def sureness(record: Record, confidence: float | None) -> float | None:
    """Return how often an agent as sure as that was right, 0..1; None before 30 marks."""
    return None if record.ballots < ENOUGH else record.when_sure(confidence)


def _mapped(confidence: float | None) -> float:
    if confidence is None:
        return _RECONCILE[0][1]
    if confidence <= _RECONCILE[0][0]:
        return _RECONCILE[0][1]
    return next((weight for below, weight in _RECONCILE[1:] if confidence < below), 1.0)
