"""Where rows lie when each has its own height: sums in O(log n) however long the transcript."""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """A Fenwick tree over row heights, in lines.

    Source: Fenwick, "A New Data Structure for Cumulative Frequency Tables", 1994.
    """

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights: list[int] = []
        self._tree = [0]
        for height in heights:
            self.append(height)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, row: int) -> int:
        return self._heights[row]

    @property
    def total(self) -> int:
        """Lines of all rows together."""
        return self.offset(len(self))

    def append(self, height: int) -> None:
        """Put a row behind the others."""
        self._heights.append(height)
        place = len(self._heights)
        total = height
        step = 1
        while step < place & -place:
            total += self._tree[place - step]
            step <<= 1
        self._tree.append(total)

    def cut(self, length: int) -> None:
        """Keep the first `length` rows."""
        del self._heights[length:]
        del self._tree[length + 1 :]

    def set(self, row: int, height: int) -> None:
        """Change the height of one row."""
        change = height - self._heights[row]
        if not change:
            return
        self._heights[row] = height
        place = row + 1
        while place < len(self._tree):
            self._tree[place] += change
            place += place & -place

    def offset(self, row: int) -> int:
        """Return the line at which a row begins; for `len(self)`, the line behind the last."""
        total = 0
        while row:
            total += self._tree[row]
            row -= row & -row
        return total

    def find(self, line: int) -> tuple[int, int]:
        """Return the row that holds a line, and the line's place in it.

        A line before the first is the first; one behind the last is the last line of the last row.
        """
        if not self._heights:
            return 0, 0
        rest = min(max(0, line), max(0, self.total - 1))
        row = 0
        step = 1 << (len(self._heights).bit_length() - 1)
        while step:
            if row + step < len(self._tree) and self._tree[row + step] <= rest:
                row += step
                rest -= self._tree[row]
            step >>= 1
        return row, rest
