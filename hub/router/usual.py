"""What a figure usually is (seconds, where less is better): the median of its last samples.

A figure that nobody has looked at for long is doubted, not frozen: it goes back towards the best that
it has been. Else a deployment that was slow for more than half of its window would keep that median
for good, since nobody would call it to find out that it is well again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

_MOST_SAMPLES = 1_000
_FADES = 1.001
"""Factor by which the best grows with each call: in the end what never comes back is given up."""
_OUT_OF_LINE = 2.0
"""Times the best: a median above that speaks of a bad spell."""
_LOOKED_AWAY = 0.5
"""Share of trust below which the next sample is a second look."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The last samples of one figure."""

    samples: tuple[float, ...] = ()
    """The newest last."""
    ordered: tuple[float, ...] = ()
    """The same, the least first."""
    median: float = 0.0
    """Of the samples."""
    best: float = 0.0
    """The lowest median so far, fading."""

    def expected(self, trust: float) -> float:
        """Return what to expect without the newest sample.

        Args:
            trust: Share of the median's distance from the best that still counts, 0..1: 1 while
                it is called, less the longer nobody has looked.
        """
        return self.median + (self.best - self.median) * (1.0 - trust)

    def after(self, sample: float, window: int, trust: float = 1.0) -> Usual:
        """Return it with one more sample.

        A second look that finds it nearer to its best than to a bad spell's median ends the spell:
        the samples from before are of another time. One that does not leaves everything standing.

        Args:
            sample: What it was.
            window: Samples to remember, at most 1,000.
            trust: As for `expected`, when the call began.
        """
        spell = trust < _LOOKED_AWAY and self.median > _OUT_OF_LINE * self.best
        if not self.samples or (spell and 2.0 * sample < self.best + self.median):
            best = self.best * _FADES if self.samples else sample
            return Usual((sample,), (sample,), sample, best)
        samples, ordered = (*self.samples, sample), list(self.ordered)
        insort(ordered, sample)
        for old in samples[: max(0, len(samples) - min(window, _MOST_SAMPLES))]:
            del ordered[bisect_left(ordered, old)]
        middle = len(ordered) // 2
        median = ordered[middle]
        if len(ordered) % 2 == 0:
            median = (ordered[middle - 1] + median) / 2.0
        best = min(median, self.best * _FADES)
        return Usual(samples[-len(ordered) :], tuple(ordered), median, best)


NEVER = Usual()
"""Without a sample."""
