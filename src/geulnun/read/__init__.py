"""Inputs to page rasters: image files, TIFF, PDF, folders, globs, stdin, bytes, arrays and PIL images."""

from geulnun.read.ranges import parse_pages, resolve_pages
from geulnun.read.raster import LoadOptions, PdfTextChoice, Raster, array_to_rgb, drawn_at, pil_to_rgb
from geulnun.read.sources import PageStream, Source, expand, open_source

__all__ = [
    "LoadOptions",
    "PageStream",
    "PdfTextChoice",
    "Raster",
    "Source",
    "array_to_rgb",
    "drawn_at",
    "expand",
    "open_source",
    "parse_pages",
    "pil_to_rgb",
    "resolve_pages",
]
