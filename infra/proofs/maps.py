"""Draws a map of a parcel's way without any map: a line, two marks, and a bar for the scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log10, radians

METRES_PER_DEGREE = 111_320.0
"""Metres of one degree of latitude; of longitude, at the equator."""
SPAN_M_MIN = 400.0
"""Least width that is shown: of a parcel that was not moved, the map is no single point."""
MARGIN = 0.08
"""Part of the frame that stays free on every side."""
LATITUDE_MAX = 85.0
"""Nearer to a pole, a degree of longitude is as good as nothing."""
FULL_TURN, HALF_TURN = 360.0, 180.0
_STEPS = (1, 2, 5)

Degrees = tuple[float, float]
"""Latitude and longitude."""
Spot = tuple[float, float]
"""Place in the frame, from its upper left corner."""


@dataclass(frozen=True, slots=True)
class Projection:
    """How places become spots in a frame: true to distances at the middle of the map."""

    west_m: float
    north_m: float
    per_metre: float
    """Units of the frame for one metre."""
    around: float
    """Longitude that the others are near to, also across the date line."""
    narrowing: float
    """How much shorter a degree of longitude is here than at the equator."""

    def spot(self, place: Degrees) -> Spot:
        """Return where a place is in the frame."""
        x, y = _metres(place, self.around, self.narrowing)
        return (x - self.west_m) * self.per_metre, (self.north_m - y) * self.per_metre


def projection_of(places: Sequence[Degrees], width: float, height: float) -> Projection:
    """Return the projection that fits places into a frame."""
    around = places[0][1]
    middle = sum(latitude for latitude, _ in places) / len(places)
    narrowing = cos(radians(max(-LATITUDE_MAX, min(LATITUDE_MAX, middle))))
    points = [_metres(place, around, narrowing) for place in places]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    room_x, room_y = width * (1 - 2 * MARGIN), height * (1 - 2 * MARGIN)
    per_metre = min(room_x / max(east - west, SPAN_M_MIN), room_y / max(north - south, SPAN_M_MIN))
    return Projection(
        west_m=(west + east) / 2 - width / per_metre / 2,
        north_m=(south + north) / 2 + height / per_metre / 2,
        per_metre=per_metre,
        around=around,
        narrowing=narrowing,
    )


def scale_bar(metres_max: float) -> int:
    """Return the longest round length that a bar of a map may stand for, in metres."""
    power: int = 10 ** int(log10(max(metres_max, 1.0)))
    return max(step * power for step in _STEPS if step * power <= max(metres_max, 1.0))


def scale_text(metres: int) -> str:
    """Return a length as the bar names it."""
    return f"{metres // 1_000} km" if metres >= 1_000 else f"{metres} m"  # noqa: PLR2004 -- Metres of a kilometre.


def _metres(place: Degrees, around: float, narrowing: float) -> tuple[float, float]:
    latitude, longitude = place
    turned = (longitude - around + HALF_TURN) % FULL_TURN - HALF_TURN
    return turned * METRES_PER_DEGREE * narrowing, latitude * METRES_PER_DEGREE
