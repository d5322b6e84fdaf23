"""Documents to files: text, JSON (both ways), tables, XML, office formats, and pictures of what was read where.

`WRITERS` names every format; the command line and the server offer what stands there.
"""

import difflib

from geulnun.errors import UsageError
from geulnun.write.base import Format, Original, Writer
from geulnun.write.files import write_file
from geulnun.write.json import JsonWriter, read_json
from geulnun.write.overlay import OverlayWriter
from geulnun.write.text import TextWriter

__all__ = [
    "WRITERS",
    "chosen",
    "Format",
    "Original",
    "Writer",
    "JsonWriter",
    "OverlayWriter",
    "TextWriter",
    "read_json",
    "write_file",
]

#: Every format by the name that ``-f`` and the server's ``format`` take, the plain ones first.
WRITERS: dict[str, Format] = {
    "txt": Format(TextWriter, ".txt", "text/plain", "plain text in reading order"),
    "json": Format(JsonWriter, ".json", "application/json", "the whole tree, without loss"),
    "overlay": Format(OverlayWriter, ".overlay.png", "image/png", "lines drawn over the page", "needed", single=True),
}


def chosen(names: str) -> dict[str, Format]:
    """The formats that a list such as ``txt,json`` names, each once, in that order.

    Raises:
        UsageError: a name is none; the message tells the nearest.
    """
    found = {}
    for name in (part.strip() for part in names.split(",")):
        if name not in WRITERS:
            near = difflib.get_close_matches(name, WRITERS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(WRITERS)}"
            raise UsageError(f"format {name!r}; {hint}")
        found[name] = WRITERS[name]
    return found
