"""A walk: the figures of neighbouring cells with the tag ``walk``, one in sight at a time.

They lie side by side in a strip, and links lead from each to the next: no script is needed. On
paper, and for a screen reader, they stand one after the other.
"""

from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx


def gather(app: Sphinx, doctree: nodes.document) -> None:
    cells = [cell for cell in doctree.findall(nodes.container) if "tag_walk" in cell["classes"]]
    for number, (_, walk) in enumerate(groupby(cells, key=lambda cell: id(cell.parent)), start=1):
        steps = list(walk)
        strip, section = nodes.container(classes=["walk"]), steps[0].parent
        section.insert(section.index(steps[0]), strip)
        names = [f"walk-{number}-{step}" for step in range(1, len(steps) + 1)]
        for place, step in enumerate(steps):
            section.remove(step)
            strip += step
            links = nodes.paragraph(ids=[names[place]], classes=["walk-links"])
            if place > 0:
                links += nodes.reference("", "Back", refid=names[place - 1])
            links += nodes.inline("", f"{place + 1} of {len(steps)}")
            if place + 1 < len(steps):
                links += nodes.reference("", "Next", refid=names[place + 1])
            step.insert(0, links)
