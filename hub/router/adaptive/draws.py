"""Random numbers that depend on a seed alone, the same on every machine and for every version."""

from __future__ import annotations

import hashlib

import numpy as np

from hub.router.features import Floats


def uniforms(seed: str, draws: int, each: int) -> Floats:
    """Return (each, draws) numbers in 0..1, both excluded; those of a draw follow one another."""
    stream = hashlib.shake_128(seed.encode()).digest(4 * draws * each)
    found = np.empty((each, draws))
    found[:] = np.frombuffer(stream, dtype="<u4").reshape(draws, each).T
    found += 0.5
    found *= 2.0**-32
    return found


def normals(uniform: Floats) -> Floats:
    """Return as many standard normal numbers from (2 n, ...) uniform ones (Box, Muller, 1958)."""
    half = len(uniform) // 2
    radius = np.sqrt(-2.0 * np.log(uniform[:half]))
    angle = 2.0 * np.pi * uniform[half:]
    found = np.empty(uniform.shape)
    np.multiply(radius, np.cos(angle), out=found[:half])
    np.multiply(radius, np.sin(angle), out=found[half:])
    return found
