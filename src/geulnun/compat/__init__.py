"""The faces of other readers of text, for programs that switch: `geulnun.compat.easyocr`, `geulnun.compat.pytesseract`.

Same names, arguments and shapes of results; docs/guides/compat.md tells what differs.
"""
