"""Searchable PDF, as one writer."""

from geulnun.write.pdf.writer import PdfOptions, PdfOriginal, PdfWriter, text_layer

__all__ = ["PdfOptions", "PdfOriginal", "PdfWriter", "text_layer"]
