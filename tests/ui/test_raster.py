from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.raster import DOTS_X, DOTS_Y, NOBODY, Raster, normals, quadratic, straight, thick

coordinates = st.floats(-500, 500)


def point(x: float, y: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array((x, y), dtype=np.float64)


def test_a_cell_holds_two_by_four_dots() -> None:
    raster = Raster(1, 1)

    raster.plot(np.array([(x, y) for x in range(DOTS_X) for y in range(DOTS_Y)], dtype=float))

    assert raster.rows() == ("⣿",)


@pytest.mark.parametrize(
    ("dot", "character"),
    [((0, 0), "⠁"), ((1, 0), "⠈"), ((0, 3), "⡀"), ((1, 3), "⢀"), ((1, 1), "⠐")],
)
def test_each_dot_has_its_place(dot: tuple[int, int], character: str) -> None:
    raster = Raster(1, 1)

    raster.plot(np.array([dot], dtype=float))

    assert raster.rows() == (character,)


def test_a_straight_line_has_no_gap() -> None:
    raster = Raster(4, 1)

    raster.plot(straight(point(0, 2), point(7, 2)))

    assert raster.rows() == ("⠤⠤⠤⠤",)


def test_what_lies_outside_is_left_out() -> None:
    raster = Raster(2, 2)

    raster.plot(straight(point(-50, -50), point(60, 70)))
    raster.plot(np.array([(-1.0, 0.0), (0.0, -1.0), (4.0, 0.0), (0.0, 8.0)]))

    assert all(0 <= x < 2 and 0 <= y < 2 for x, y, _, _ in raster.cells())


def test_the_later_stroke_owns_the_cells_that_two_share() -> None:
    raster = Raster(3, 1)

    raster.plot(straight(point(0, 1), point(5, 1)), 0)
    raster.plot(straight(point(2, 2), point(3, 2)), 7)

    assert [owner for *_, owner in raster.cells()] == [0, 7, 0]
    assert raster.rows() == ("⠒⠶⠒",)


def test_an_empty_raster_is_blank_and_nobodys() -> None:
    raster = Raster(3, 2)

    assert raster.rows() == ("   ", "   ")
    assert (raster.owner == NOBODY).all()


@given(coordinates, coordinates, coordinates, coordinates, coordinates, coordinates)
def test_a_curve_starts_and_ends_where_it_should_and_has_no_gap(
    x1: float, y1: float, x2: float, y2: float, x3: float, y3: float
) -> None:
    points = quadratic(point(x1, y1), point(x2, y2), point(x3, y3))

    assert np.allclose(points[0], (x1, y1))
    assert np.allclose(points[-1], (x3, y3))
    assert np.abs(np.diff(points, axis=0)).max(initial=0) <= 1.0 + 1e-9


@given(coordinates, coordinates, coordinates, coordinates)
def test_normals_stand_upright_on_the_line(x1: float, y1: float, x2: float, y2: float) -> None:
    line = straight(point(x1, y1), point(x2, y2))
    along = np.gradient(line, axis=0)

    dots = (normals(line) * along).sum(axis=1)

    assert np.allclose(dots, 0, atol=1e-6)


def test_a_thick_line_is_as_many_dots_high_as_asked() -> None:
    for lines in (1, 2, 3):
        raster = Raster(10, 4)
        raster.plot(thick(straight(point(0, 8), point(19, 8)), lines))

        middle = [row[5] for row in raster.rows()]

        assert sum((ord(c) - 0x2800).bit_count() for c in middle if c != " ") == 2 * lines


def test_a_single_point_can_be_thick() -> None:
    assert len(thick(np.zeros((1, 2)), 3)) == 3


def test_the_raster_needs_no_terminal_library() -> None:
    code = "import sys, ui.raster; print(any(m.split('.')[0] in ('textual', 'rich') for m in sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
