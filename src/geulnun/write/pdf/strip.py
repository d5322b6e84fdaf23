"""Taking an old invisible text layer out of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

#: The operators that show text; the last two first move to the next line (ISO 32000-1, section 9.4.3).
_SHOWING, _NEXT_LINE = ("Tj", "TJ", "'", '"'), ("'", '"')
_INVISIBLE = 3
#: Forms within forms deeper than this are left as they are.
_DEEPEST = 8


def invisible_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Remove text of rendering mode 3 (ISO 32000-1, section 9.3.6) from a page and the forms it draws.

    Raises:
        pikepdf.PdfError: content cannot be parsed.
    """
    import pikepdf

    found = _without(page)
    if found is not None:
        page.obj.Contents = pdf.make_stream(found)
    done: set[tuple[int, int]] = set()

    def descend(resources: object, depth: int) -> None:
        forms = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        for form in forms.values() if isinstance(forms, pikepdf.Dictionary) else ():
            if not isinstance(form, pikepdf.Stream) or form.get("/Subtype") != "/Form" or form.objgen in done:
                continue
            done.add(form.objgen)
            content = _without(form)
            if content is not None:
                form.write(content)
            if depth < _DEEPEST:
                descend(form.get("/Resources"), depth + 1)

    descend(page.resources if "/Resources" in page.obj else None, 0)


def _without(content: pikepdf.Page | pikepdf.Object) -> bytes | None:
    """Content without the operators that show invisible text, None if there are none."""
    import pikepdf

    mode, dropped = 0, False
    stack: list[int] = []
    kept: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    for step in pikepdf.parse_content_stream(content):
        operator = str(step.operator)
        if operator == "q":
            stack.append(mode)
        elif operator == "Q" and stack:
            mode = stack.pop()
        elif operator == "Tr" and step.operands:
            mode = int(step.operands[0])
        if operator in _SHOWING and mode == _INVISIBLE:
            dropped = True
            if operator in _NEXT_LINE:
                kept.append(pikepdf.ContentStreamInstruction([], pikepdf.Operator("T*")))
            continue
        kept.append(step)
    return pikepdf.unparse_content_stream(kept) if dropped else None
