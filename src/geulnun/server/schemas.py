"""What answers hold, for the interface's description (`/openapi.json`); tests hold answers to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProblemDetails(_Model):
    """An error (RFC 9457)."""

    type: str = Field(examples=["urn:geulnun:too-large"])
    title: str
    status: int
    detail: str = Field(description="what, which file and what to do, in one line")
    request: str = Field("", description="the id under which the log knows the request")


class Preview(_Model):
    """A small picture of a page."""

    scale: float = Field(gt=0, le=1, description="times coordinates of the page gives those of the picture")
    width: int
    height: int
    uri: str = Field(description="the picture as a data URI", examples=["data:image/webp;base64,UklGR..."])


class Ranked(_Model):
    """A reading and its probability."""

    text: str
    probability: Share


class JamoRanks(_Model):
    """Jamo by their places; empty where the best character is no syllable's and none is named."""

    cho: list[Ranked]
    jung: list[Ranked]
    jong: list[Ranked] = Field(description='"" is no final')


class PlaceMap(_Model):
    """Where a network looks for one part of a character."""

    place: Literal["cho", "jung", "jong", "character"]
    letter: str
    grid: list[list[float]] = Field(
        description="rows of the square: how much each place adds to the score of the letter, below 0 where it takes"
    )


class Character(_Model):
    """What an image of one character may be."""

    text: str = Field(description='the best; "" where there is no ink or none is probable enough', examples=["한"])
    confidence: Share
    blank: Share = Field(description="probability that it is no character at all")
    width: int = Field(description="of the image, in pixels")
    height: int
    characters: list[Ranked]
    jamo: JamoRanks
    maps: list[PlaceMap] | None = Field(None, description="with explain=1")
    square: tuple[float, float, float, float] | None = Field(
        None, description="left, top, right and bottom of what the grids lie over, in pixels of the image"
    )


class FormatEntry(_Model):
    """A format that answers may have."""

    name: str = Field(examples=["hocr"])
    suffix: str
    media_type: str
    title: str
    picture: Literal["none", "optional", "needed"] = Field(description="whether it shows the file that was read")
    single: bool = Field(description="whether it holds one page only")


class Formats(_Model):
    """All formats."""

    formats: list[FormatEntry]


class Health(_Model):
    """Whether the server is well."""

    status: Literal["ok", "starting"]
    version: str
