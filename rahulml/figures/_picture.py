"""What all pictures share: their kind, their colours, an empty one, and letters beside a place."""

import io

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

COLOURS = ("#0072B2", "#B34A00", "#007A5A")
"""Blue, vermilion and green after Okabe and Ito (2008), which colour-blind readers tell apart.

The last two are darker than theirs, so that small letters can be read in them.
"""

LIT = "#f3e3a8"
"""The ground of what a picture is about just now, like a marker's."""

ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
"""The ground of letters that lie over lines."""


class Picture(Figure):
    """A figure that a notebook shows as SVG, sharp at every size."""

    def svg(self) -> str:
        """Return the picture as SVG: the same bytes every time."""
        written = io.StringIO()
        with plt.rc_context({"svg.hashsalt": "rahulml", "svg.fonttype": "path"}):
            self.savefig(
                written,
                format="svg",
                bbox_inches="tight",
                metadata={"Creator": None, "Date": None, "Format": None, "Type": None},
            )
        return written.getvalue()

    _repr_svg_ = svg


def empty(width: float, height: float, **style: object) -> Picture:
    """Return a picture that shows once: when it is a cell's value, not when the cell ends."""
    picture = plt.figure(FigureClass=Picture, figsize=(width, height), **style)
    plt.close(picture)
    return picture


def blank(
    width: float,
    height: float,
    rows: int = 1,
    columns: int = 1,
    *,
    dpi: float | None = None,
    **shared: object,
) -> tuple[Picture, Axes | NDArray]:
    """Return a picture and its panels, as Matplotlib's `subplots` does, with a light grid."""
    picture = empty(width, height, layout="constrained", dpi=dpi)
    panels = picture.subplots(rows, columns, **shared)
    for axes in picture.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="0.9")
        axes.set_axisbelow(True)
    return picture, panels


def write_beside(
    axes: Axes, place: tuple, text: str, aside: tuple[float, float], colour: str, **style: object
) -> None:
    """Write a text some points to the right of and above a place, and away from it."""
    right, up = aside
    away = {
        "ha": "left" if right > 0 else "right" if right < 0 else "center",
        "va": "bottom" if up > 0 else "top" if up < 0 else "center",
    }
    axes.annotate(
        text, place, xytext=aside, textcoords="offset points", color=colour, **away | style
    )
