"""The scores of `text` and `quads` for two `Page`s, truth first.

Texts are the pages' lines in their own order, joined by one space; lines without a quad take no part in the scores
that need quads.
"""

from __future__ import annotations

from geulnun.document import Page
from geulnun.geometry import Floats, as_quads
from geulnun.metrics import quads, text
from geulnun.metrics.counts import ErrorRate, Matches


def plain_text(page: Page) -> str:
    """The page's text in its reading order, lines joined by spaces."""
    return " ".join(line.text for line in page.lines)


def line_quads(page: Page) -> tuple[Floats, list[str]]:
    """Quads (n, 4, 2) and texts of the lines that have a quad."""
    placed = [(line.quad, line.text) for line in page.lines if line.quad is not None]
    return as_quads([quad for quad, _ in placed]), [content for _, content in placed]


def page_cer(truth: Page, read: Page, spaces: bool = True) -> ErrorRate:
    """`text.cer` of the pages' texts; a wrong reading order costs as much as it moves."""
    return text.cer(plain_text(truth), plain_text(read), spaces)


def page_wer(truth: Page, read: Page) -> ErrorRate:
    """`text.wer` of the pages' texts."""
    return text.wer(plain_text(truth), plain_text(read))


def page_eojeol_accuracy(truth: Page, read: Page) -> Matches:
    """`text.eojeol_accuracy` of the pages' texts."""
    return text.eojeol_accuracy(plain_text(truth), plain_text(read))


def page_eojeol_bag(truth: Page, read: Page) -> Matches:
    """`text.eojeol_bag` of the pages' texts: no reading order needed."""
    return text.eojeol_bag(plain_text(truth), plain_text(read))


def page_spaces(truth: Page, read: Page) -> Matches:
    """`text.spaces` of the pages' texts; the joints between lines count as spaces on both sides."""
    return text.spaces(plain_text(truth), plain_text(read))


def page_detection(truth: Page, read: Page, threshold: float = 0.5) -> Matches:
    """`quads.detection` of the pages' lines."""
    return quads.detection(line_quads(truth)[0], line_quads(read)[0], threshold)


def page_end_to_end(truth: Page, read: Page, threshold: float = 0.5, strict: bool = False) -> Matches:
    """`quads.end_to_end` of the pages' lines; the ``recall`` of the strict one is the share of lines read exactly."""
    return quads.end_to_end(*line_quads(truth), *line_quads(read), threshold, strict)
