"""Random numbers that depend on a seed alone, the same on every machine and for every version."""

from __future__ import annotations

import hashlib

import numpy as np

from hub.router.features import Floats


def uniforms(seed: str, rows: int, columns: int) -> Floats:
    """Return (rows, columns) numbers in 0..1, both excluded."""
    stream = hashlib.shake_128(seed.encode()).digest(4 * rows * columns)
    words = np.frombuffer(stream, dtype="<u4").reshape(rows, columns)
    found: Floats = (words + 0.5) * 2.0**-32
    return found


def normals(uniform: Floats) -> Floats:
    """Return as many standard normal numbers from (rows, 2 n) uniform ones (Box, Muller, 1958)."""
    half = uniform.shape[1] // 2
    radius = np.sqrt(-2.0 * np.log(uniform[:, :half]))
    angle = 2.0 * np.pi * uniform[:, half:]
    return np.hstack((radius * np.cos(angle), radius * np.sin(angle)))
