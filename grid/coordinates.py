"""Datums at the edges of the portal. Everything stored is WGS-84 (within a few centimetres of CGCS2000).

Chinese consumer maps and phone software publish GCJ-02, WGS-84 shifted by up to 700 m through a fixed formula, and
Baidu BD-09, GCJ-02 shifted once more. Data in them is converted when it comes in; the exact inverses have no closed
form and are found by iteration. All functions take degrees, single numbers or arrays of them.
"""

from collections.abc import Callable
from math import pi
from typing import Any

import numpy as np

Degrees = Any  # a float, or an array of them
Point = tuple[Degrees, Degrees]

SEMI_MAJOR_AXIS_M = 6_378_245.0  # Krasovsky 1940, which the formula is built on
ECCENTRICITY_SQUARED = 0.00669342162296594
# The shift applies in and around China; elsewhere GCJ-02 and BD-09 equal WGS-84.
SHIFTED_LNG = (72.004, 137.8347)
SHIFTED_LAT = (0.8293, 55.8271)
ROUNDS = 6


def wgs84_to_gcj02(lng: Degrees, lat: Degrees) -> Point:
    """Degrees WGS-84 -> degrees GCJ-02."""
    d_lng, d_lat = _shift(lng, lat)
    here = _shifted_here(lng, lat)
    return lng + d_lng * here, lat + d_lat * here


def gcj02_to_wgs84(lng: Degrees, lat: Degrees) -> Point:
    """Degrees GCJ-02 -> degrees WGS-84; the round trip is exact to better than 1e-7 degree (1 cm)."""
    return _undone(_shift, lng, lat)


def gcj02_to_bd09(lng: Degrees, lat: Degrees) -> Point:
    """Degrees GCJ-02 -> degrees BD-09."""
    d_lng, d_lat = _turn(lng, lat)
    here = _shifted_here(lng, lat)
    return lng + d_lng * here, lat + d_lat * here


def bd09_to_gcj02(lng: Degrees, lat: Degrees) -> Point:
    """Degrees BD-09 -> degrees GCJ-02, as exact as the others."""
    return _undone(_turn, lng, lat)


def wgs84_to_bd09(lng: Degrees, lat: Degrees) -> Point:
    """Degrees WGS-84 -> degrees BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lng, lat))


def bd09_to_wgs84(lng: Degrees, lat: Degrees) -> Point:
    """Degrees BD-09 -> degrees WGS-84."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lng, lat))


def _unchanged(lng: Degrees, lat: Degrees) -> Point:
    return lng, lat


TO_WGS84: dict[str, Callable[[Degrees, Degrees], Point]] = {
    "wgs84": _unchanged,
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


def _undone(shift: Callable[[Degrees, Degrees], Point], lng: Degrees, lat: Degrees) -> Point:
    """Where a point was before the shift.

    Fixed-point iteration: the shift changes by less than 1 % from one point to the point it is shifted to, so each
    round wins two digits.
    """
    here = _shifted_here(lng, lat)
    guess_lng, guess_lat = lng, lat
    for _ in range(ROUNDS):
        d_lng, d_lat = shift(guess_lng, guess_lat)
        guess_lng, guess_lat = lng - d_lng * here, lat - d_lat * here
    return guess_lng, guess_lat


def _shifted_here(lng: Degrees, lat: Degrees) -> Degrees:
    return (SHIFTED_LNG[0] <= lng) & (lng <= SHIFTED_LNG[1]) & (SHIFTED_LAT[0] <= lat) & (lat <= SHIFTED_LAT[1])


def _shift(lng: Degrees, lat: Degrees) -> Point:
    """Shift in degrees of longitude and latitude at a WGS-84 point (the published approximation)."""
    x, y = lng - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * pi * x) + 20.0 * np.sin(2.0 * pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple * 2.0 / 3.0
    north += (20.0 * np.sin(pi * y) + 40.0 * np.sin(pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(pi * y / 12.0) + 320.0 * np.sin(pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple * 2.0 / 3.0
    east += (20.0 * np.sin(pi * x) + 40.0 * np.sin(pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(pi * x / 12.0) + 300.0 * np.sin(pi * x / 30.0)) * 2.0 / 3.0

    curvature = 1.0 - ECCENTRICITY_SQUARED * np.sin(np.radians(lat)) ** 2
    prime_vertical = SEMI_MAJOR_AXIS_M / np.sqrt(curvature)
    meridian = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (curvature * np.sqrt(curvature))
    return np.degrees(east / (prime_vertical * np.cos(np.radians(lat)))), np.degrees(north / meridian)


def _turn(lng: Degrees, lat: Degrees) -> Point:
    """Shift in degrees from GCJ-02 to BD-09 at a GCJ-02 point (the published formula)."""
    ripples = pi * 3000.0 / 180.0
    radius = np.sqrt(lng * lng + lat * lat) + 0.00002 * np.sin(lat * ripples)
    angle = np.arctan2(lat, lng) + 0.000003 * np.cos(lng * ripples)
    return radius * np.cos(angle) + 0.0065 - lng, radius * np.sin(angle) + 0.006 - lat
