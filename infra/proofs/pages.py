"""Draws the pages of a proof document from its statement and its pictures, always in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from domain.messages import reference_of
from infra.proofs.lettering import printable
from infra.proofs.maps import Degrees, projection_of, scale_bar, scale_text

MARGIN_MM = 15.0
LINE_MM = 5.0
MAP_MM = (180.0, 95.0)
PICTURE_MM = (86.0, 92.0)
"""Room for one picture: four of them fill a page."""
PICTURES_ACROSS = 2
CAPTION_MM = 16.0
BAR_MM_MAX = 50.0
FONT = "Helvetica"
MONOSPACED = "Courier"
_GREY, _BLACK, _PALE = (110, 110, 110), (20, 20, 20), (246, 246, 242)
_WAY, _START, _END = (40, 90, 160), (30, 130, 60), (190, 40, 40)
_TITLES: Mapping[str, str] = {
    "on_its_way": "The parcel was picked up and is on its way",
    "handed_over": "The parcel was handed over",
    "left": "The parcel was left where its customer had allowed it",
    "failed_handover": "The parcel could not be handed over",
    "returned": "The parcel was brought back to its sender",
    "cancelled_after_pickup": "The delivery was ended after the pickup",
    "lost": "The parcel is lost, or was reported so",
    "overridden": "Custody was moved by an emergency override",
}

Statement = Mapping[str, Any]
Pictures = Mapping[str, bytes]
"""Contents of pictures by their SHA-256."""


class ProofPages(FPDF):
    """The pages of one document."""

    def __init__(self, statement: Statement, fingerprint: str) -> None:
        super().__init__(format="A4")
        self._fingerprint = fingerprint
        self._statement = statement
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=20)
        # Nothing is put in for the number of pages: what is hashed is what is written.
        self.alias_nb_pages(None)  # type: ignore[arg-type]

    def header(self) -> None:
        """Name the statement on every page, so that no page can be put into another document.

        It stands at the bottom, but is drawn first: a footer would be drawn when the file is written.
        """
        self.set_font(MONOSPACED, size=6.5)
        self.set_text_color(*_GREY)
        delivery = f"delivery {self._statement['delivery_id']}   page {self.page_no()}"
        self.text(self.l_margin, self.h - 11, f"statement {self._fingerprint}")
        self.text(self.l_margin, self.h - 8, delivery)

    def file_id(self) -> str:
        """Return what names the file: of what it says, not of this moment."""
        return f"<{self._fingerprint[:32].upper()}><{self._fingerprint[:32].upper()}>"

    def draw(self, pictures: Pictures) -> None:
        """Draw every page."""
        self.add_page()
        self._draw_head()
        self._draw_timeline()
        self._draw_map()
        self._draw_proofs(pictures)
        self._draw_hashes()

    def heading(self, text: str) -> None:
        """Begin a part."""
        self.ln(3)
        self.set_font(FONT, "B", 11)
        self.set_text_color(*_BLACK)
        self.cell(0, 7, printable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def line_of(self, text: str, *, font: str = FONT, size: float = 9) -> None:
        """Write a text, on more lines where it is long."""
        self.set_font(font, size=size)
        self.set_text_color(*_BLACK)
        self.multi_cell(0, LINE_MM * size / 9, printable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _draw_head(self) -> None:
        said = self._statement
        self.set_font(FONT, "B", 18)
        self.set_text_color(*_BLACK)
        self.cell(0, 10, "Proof of delivery", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(FONT, size=12)
        self.cell(0, 7, _TITLES[said["outcome"]], new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)
        self.line_of(f"Delivery {reference_of(said['delivery_id'])} ({said['delivery_id']})")
        self.line_of(f"Status {said['status']}, as of {_shown_moment(said['as_of'])}")
        parcel = said["parcel"]
        weight = parcel["weight_grams"] / 1_000
        self.line_of(
            f"Parcel: {parcel['description']}, {weight:.3f} kg, proof level {said['level']}"
        )

    def _draw_timeline(self) -> None:
        self.heading("Timeline (UTC)")
        for event in self._statement["events"]:
            if "kind" not in event:
                continue
            reason = f", {event['reason']}" if event.get("reason") else ""
            what = f"{event['kind']}{reason}".replace("_", " ")
            number = f"{event['sequence']:>3}"
            self.line_of(f"{number}  {_shown_moment(event['at'])}  {what}  (by the {event['by']})")
        hidden = sum("kind" not in event for event in self._statement["events"])
        if hidden:
            self.line_of(
                f"{hidden} more events, of money and offers, are named by their hashes only."
            )

    def _draw_map(self) -> None:
        said = self._statement
        if self.get_y() + MAP_MM[1] + 20 > self.h - self.b_margin:
            self.add_page()
        self.heading("Map")
        left, top = self.l_margin, self.get_y()
        self.set_fill_color(*_PALE)
        self.set_draw_color(*_GREY)
        self.rect(left, top, *MAP_MM, style="DF")
        pickup, destination = (
            _degrees(said["places"]["pickup"]),
            _degrees(said["places"]["destination"]),
        )
        way: list[Degrees] = [(each[0], each[1]) for each in said["positions"]]
        projection = projection_of([pickup, destination, *way], *MAP_MM)

        def spot(place: Degrees) -> tuple[float, float]:
            x, y = projection.spot(place)
            return left + x, top + y

        self.set_draw_color(*_WAY)
        self.set_line_width(0.5)
        if len(way) > 1:
            self.polyline([spot(place) for place in way])
        self._mark(spot(pickup), _START, "pickup")
        self._mark(spot(destination), _END, "destination")
        bar = scale_bar(BAR_MM_MAX / projection.per_metre)
        length, at = bar * projection.per_metre, (left + 5, top + MAP_MM[1] - 5)
        self.set_draw_color(*_BLACK)
        self.line(at[0], at[1], at[0] + length, at[1])
        self.set_font(FONT, size=7)
        self.set_text_color(*_BLACK)
        self.text(at[0], at[1] - 1.5, scale_text(bar))
        self.set_y(top + MAP_MM[1] + 2)
        self.line_of(_about_map(said), size=8)

    def _mark(self, at: tuple[float, float], color: tuple[int, int, int], name: str) -> None:
        self.set_fill_color(*color)
        self.set_draw_color(*color)
        self.circle(at[0], at[1], 1.4, style="F")
        self.set_font(FONT, "B", 8)
        self.set_text_color(*color)
        self.text(at[0] + 2.2, at[1] + 1, name)

    def _draw_proofs(self, pictures: Pictures) -> None:
        proofs = self._statement["proofs"]
        if not proofs:
            return
        self.heading("Other proofs than codes")
        for proof in proofs:
            self.line_of(_about(proof), size=8)
        shown = [proof for proof in proofs if proof["sha256"] in pictures]
        for number, proof in enumerate(shown):
            self._draw_picture(number, proof, pictures[proof["sha256"]])
        if shown:
            self.set_y(self.h - self.b_margin)

    def _draw_picture(self, number: int, proof: Mapping[str, Any], content: bytes) -> None:
        place = number % (PICTURES_ACROSS * 2)
        if place == 0:
            self.add_page()
        row, column = divmod(place, PICTURES_ACROSS)
        left = self.l_margin + column * (PICTURE_MM[0] + 8)
        top = self.t_margin + row * (PICTURE_MM[1] + CAPTION_MM + 4)
        with BytesIO(content) as file:
            self.image(file, left, top, *PICTURE_MM, keep_aspect_ratio=True)
        caption = (
            (FONT, f"{proof['kind']}, {proof['leg']}".replace("_", " ")),
            (FONT, f"came in {_shown_moment(proof['created_at'])}"),
            (MONOSPACED, proof["sha256"]),
        )
        for line, (font, text) in enumerate(caption):
            self.set_font(font, size=8 if font == FONT else 6)
            self.set_text_color(*_BLACK)
            self.text(left, top + PICTURE_MM[1] + 4 + 4 * line, printable(text))

    def _draw_hashes(self) -> None:
        said = self._statement
        if self.get_y() > self.h - 95:
            self.add_page()
        self.heading("What this can be checked with")
        self.line_of("sendalong proof verify FILE --key PUBLIC_KEYS", font=MONOSPACED, size=8)
        self.line_of("Statement (attached as proof.json), SHA-256:", size=8)
        self.line_of(self._fingerprint, font=MONOSPACED, size=8)
        self.line_of(f"Chain of {len(said['events'])} events; hash of the last one:", size=8)
        self.line_of(said["events"][-1]["hash"], font=MONOSPACED, size=8)
        for line in _about_root(said["root"]):
            self.line_of(line, font=MONOSPACED if " " not in line else FONT, size=8)


def _about(proof: Mapping[str, Any]) -> str:
    check = proof["id_check"]
    parts = [
        f"{proof['kind']}, {proof['leg']}, added by the {proof['by_role']}".replace("_", " "),
        _shown_moment(proof["created_at"]),
        f"{proof['distance_m']} m from the place" if proof["distance_m"] is not None else "",
        f"{check['document']} seen: {'' if check['is_old_enough'] else 'not '}{check['minimum_age']} "
        "years or older".replace("_", " ")
        if check
        else "",
        "the label is the parcel's own" if proof["label_matches"] else "",
        "erased" if proof["is_erased"] else "",
    ]
    return "; ".join(part for part in parts if part)


def _about_map(said: Statement) -> str:
    exact = all(place["is_exact"] for place in said["places"].values())
    rough = (
        "" if exact else " Addresses that are not for everybody here are shown by their area only."
    )
    return f"Line: {len(said['positions'])} positions of the traveler's phone.{rough}"


def _about_root(root: Mapping[str, Any] | None) -> Sequence[str]:
    if root is None:
        return ("No signed root of the audit covers this chain yet; one is made every hour.",)
    return (
        f"A signed root of the audit covers its first {root['length']} events; its signature:",
        root["root"]["signature"][:64],
        root["root"]["signature"][64:],
    )


def _degrees(place: Mapping[str, Any]) -> Degrees:
    return place["latitude"], place["longitude"]


def _shown_moment(text: str) -> str:
    return text[:19].replace("T", " ")
