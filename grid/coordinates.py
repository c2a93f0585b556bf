"""Datums at the edges of the portal. Everything stored is WGS-84 (within a few centimetres of CGCS2000).

Chinese consumer maps and phone software publish GCJ-02, WGS-84 shifted by up to 700 m through a fixed formula. Data in
it is converted when it comes in; the exact inverse has no closed form and is found by iteration.
"""

from collections.abc import Callable
from math import cos, pi, radians, sin, sqrt

Point = tuple[float, float]

SEMI_MAJOR_AXIS_M = 6_378_245.0  # Krasovsky 1940, which the formula is built on
ECCENTRICITY_SQUARED = 0.00669342162296594
# The shift applies in and around China; elsewhere GCJ-02 equals WGS-84.
SHIFTED_LNG = (72.004, 137.8347)
SHIFTED_LAT = (0.8293, 55.8271)


def wgs84_to_gcj02(lng: float, lat: float) -> Point:
    """Degrees WGS-84 -> degrees GCJ-02."""
    if not _shifted_here(lng, lat):
        return lng, lat
    d_lng, d_lat = _shift(lng, lat)
    return lng + d_lng, lat + d_lat


def gcj02_to_wgs84(lng: float, lat: float) -> Point:
    """Degrees GCJ-02 -> degrees WGS-84; the round trip is exact to better than 1e-7 degree (1 cm).

    Fixed-point iteration: the shift changes by less than 1 % from one point to the point it is shifted to, so each
    round wins two digits.
    """
    if not _shifted_here(lng, lat):
        return lng, lat
    guess_lng, guess_lat = lng, lat
    for _ in range(6):
        d_lng, d_lat = _shift(guess_lng, guess_lat)
        guess_lng, guess_lat = lng - d_lng, lat - d_lat
    return guess_lng, guess_lat


def _unchanged(lng: float, lat: float) -> Point:
    return lng, lat


TO_WGS84: dict[str, Callable[[float, float], Point]] = {"wgs84": _unchanged, "gcj02": gcj02_to_wgs84}


def _shifted_here(lng: float, lat: float) -> bool:
    return SHIFTED_LNG[0] <= lng <= SHIFTED_LNG[1] and SHIFTED_LAT[0] <= lat <= SHIFTED_LAT[1]


def _shift(lng: float, lat: float) -> Point:
    """Shift in degrees of longitude and latitude at a WGS-84 point (the published approximation)."""
    x, y = lng - 105.0, lat - 35.0
    ripple = 20.0 * sin(6.0 * pi * x) + 20.0 * sin(2.0 * pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple * 2.0 / 3.0
    north += (20.0 * sin(pi * y) + 40.0 * sin(pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * sin(pi * y / 12.0) + 320.0 * sin(pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple * 2.0 / 3.0
    east += (20.0 * sin(pi * x) + 40.0 * sin(pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * sin(pi * x / 12.0) + 300.0 * sin(pi * x / 30.0)) * 2.0 / 3.0

    curvature = 1.0 - ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    prime_vertical = SEMI_MAJOR_AXIS_M / sqrt(curvature)
    meridian = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (curvature * sqrt(curvature))
    return east / radians(1.0) / (prime_vertical * cos(radians(lat))), north / radians(1.0) / meridian
