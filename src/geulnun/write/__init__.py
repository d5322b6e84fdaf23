"""Documents to files: plain text, JSON (both ways), and a picture of what was read where."""

from geulnun.write.files import write_file
from geulnun.write.json import JsonWriter, read_json
from geulnun.write.overlay import OverlayWriter
from geulnun.write.text import TextWriter

__all__ = ["JsonWriter", "OverlayWriter", "TextWriter", "read_json", "write_file"]
