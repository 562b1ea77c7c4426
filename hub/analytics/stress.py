"""Places many nodes so that those who speak much stand near: least stress, by majorization."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STILL = 1e-3
"""Movement of a node, in hops, that counts as none."""
FIXED = 3
"""Nodes needed in an earlier picture to tell how it was turned."""
GOLDEN_ANGLE = 2.399963
"""Radians; steps of it spread evenly round a centre."""


def least_stress(weights: Floats, old: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """Return (n, 2) places, the longer half-side of the picture 1 long.

    Args:
        weights: (n, n), symmetric; 0 where two nodes never spoke.
        old: (n, 2), the places of an earlier picture.
        kept: (n,), True for the nodes that have such a place.
    """
    distances = _distances(weights)
    if kept.sum() < FIXED:
        return _framed(_levelled(smacof(distances, _spread(distances), steps=200)))
    spots = smacof(distances, _scaled_start(distances, old, kept))
    return _framed(_turned_like(spots, old, kept))


def smacof(distances: Floats, start: Floats, *, steps: int = 80) -> Floats:
    """Place nodes so that drawn distances match the wanted ones, near ones before far ones.

    Args:
        distances: (n, n), symmetric, zero on the diagonal and positive elsewhere.
        start: (n, 2), the last picture or any spread one; a near start is faster.
        steps: Upper bound; ends early once no node moves by 0.001.

    Returns:
        (n, 2), in the unit of `distances`.

    Source: Gansner, Koren, North, "Graph Drawing by Stress Majorization", 2004, in its local form:
    each node moves to the weighted mean of where the others want it, weights 1 / distance².
    """
    wanted = np.where(distances > 0, distances, 1.0)
    pull = wanted**-2
    np.fill_diagonal(pull, 0.0)
    share = pull / np.maximum(pull.sum(axis=1, keepdims=True), 1e-12)
    spots = start
    for _ in range(steps):
        apart = spots[:, None, :] - spots[None, :, :]
        drawn = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-9)
        pushed = apart * (wanted / drawn)[..., None]
        moved = np.einsum("ij,ijk->ik", share, spots[None, :, :] + pushed)
        still = np.abs(moved - spots).max(initial=0.0) < STILL
        spots = moved
        if still:
            break
    return spots


def _distances(weights: Floats) -> Floats:
    """Return (n, n) wanted distances: 1 along the heaviest edge, 2 along the lightest, else by path.

    Nodes that no path joins stand a little further apart than the longest path.
    """
    n = len(weights)
    far = np.inf
    strength = np.sqrt(weights / max(weights.max(), 1.0))
    lengths = np.where(weights > 0, 2.0 - strength, far)
    np.fill_diagonal(lengths, 0.0)
    for k in range(n):
        np.minimum(lengths, lengths[:, k, None] + lengths[None, k, :], out=lengths)
    joined = lengths[np.isfinite(lengths)]
    lengths[~np.isfinite(lengths)] = joined.max(initial=0.0) + 0.5
    return lengths


def _spread(distances: Floats) -> Floats:
    """Return a first guess: classical scaling, with a small spiral so that no two nodes coincide."""
    n = len(distances)
    centred = distances**2
    centred = -0.5 * (
        centred - centred.mean(axis=0) - centred.mean(axis=1)[:, None] + centred.mean()
    )
    values, vectors = np.linalg.eigh(centred)
    axes = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))
    turn = np.arange(n) * GOLDEN_ANGLE
    spiral = (
        np.column_stack((np.cos(turn), np.sin(turn))) * np.sqrt((np.arange(n) + 1) / n)[:, None]
    )
    guess: Floats = axes + 0.1 * distances.mean() * spiral
    return guess


def _scaled_start(distances: Floats, old: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """Return the old picture in the unit of the distances, newcomers beside their nearest node."""
    apart = old[kept][:, None, :] - old[kept][None, :, :]
    drawn = np.hypot(apart[..., 0], apart[..., 1]).mean()
    start: Floats = old * (distances[np.ix_(kept, kept)].mean() / max(drawn, 1e-9))
    settled = np.flatnonzero(kept)
    for k in np.flatnonzero(~kept):
        nearest = settled[distances[k, settled].argmin()]
        turn = GOLDEN_ANGLE * k
        start[k] = start[nearest] + 0.5 * np.array((np.cos(turn), np.sin(turn)))
    return start


def _levelled(spots: Floats) -> Floats:
    """Return the picture turned so that its long side lies level, mirrored in one fixed way."""
    centred = spots - spots.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    turned = centred @ vectors[:, ::-1]
    signs = np.where(turned[0] < 0, -1.0, 1.0)
    level: Floats = turned * np.array((-signs[0], signs[1]))
    return level


def _turned_like(spots: Floats, old: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """Return the picture turned or mirrored to lie closest to the old one (Procrustes)."""
    centred = spots - spots[kept].mean(axis=0)
    before = old[kept] - old[kept].mean(axis=0)
    left, _, right = np.linalg.svd(centred[kept].T @ before)
    turned: Floats = centred @ (left @ right)
    return turned


def _framed(spots: Floats) -> Floats:
    """Return the picture centred on 0, its longer half-side 1 long."""
    low, high = spots.min(axis=0), spots.max(axis=0)
    framed: Floats = (spots - (low + high) / 2) / max(float((high - low).max()) / 2, 1e-9)
    return framed
