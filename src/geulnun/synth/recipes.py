"""Recipes of drawn data sets: which source, with which fonts, texts and options; in YAML.

A recipe names its ``kind`` (`MAKERS`), and for it the side of the split, fonts, texts and their mix, and the options of
that kind's own dataclass. With ``parts`` it describes several sources: each part overrides what stands above it, and
either has a ``count`` (parts one after another) or a ``share`` (parts mixed without end).
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from geulnun import recipe
from geulnun.errors import RecipeError
from geulnun.synth import fonts, sources
from geulnun.synth.chars import CharOptions, CharStream, KoocrGrid, KoocrOptions
from geulnun.synth.fonts import Face, Split, Style
from geulnun.synth.kana import KanaGrid, KanaOptions
from geulnun.synth.lines import LineOptions
from geulnun.synth.page_source import SCENE_MIX, PageSource, PageSourceOptions
from geulnun.synth.sample import Source
from geulnun.synth.sources import LineSource, WordOptions, WordSource
from geulnun.synth.text import DEFAULT_MIX, TextSource
from geulnun.synth.trdg import TrdgLines, TrdgOptions
from geulnun.write.sets import SetOptions

#: What a source draws; the verbs of ``geulnun synth``.
Verb = Literal["lines", "words", "chars", "pages", "scenes"]
_WHOLE_KEYS = ("format", "save")
_PART_KEYS = ("name", "count", "share")


@dataclass(frozen=True)
class Maker:
    """A kind of source.

    Attributes:
        verb: what it draws.
        options: the dataclass of its options.
        build: makes the source.
        defaults: options that differ from the dataclass's own.
        extras: whether the source has ``extras()``, files by name that belong beside the samples.
    """

    verb: Verb
    options: type[Any]
    build: Callable[[Any, Sequence[Face], TextSource], Source]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    extras: bool = False


def _without_texts(
    build: Callable[[Any, Sequence[Face]], Source],
) -> Callable[[Any, Sequence[Face], TextSource], Source]:
    """What builds a source that has no use for texts."""
    return lambda options, pool, texts: build(options, pool)


#: Every kind a recipe may name.
MAKERS: dict[str, Maker] = {
    "lines": Maker("lines", LineOptions, LineSource),
    "words": Maker("words", WordOptions, WordSource),
    "chars": Maker("chars", CharOptions, _without_texts(CharStream)),
    "koocr": Maker("chars", KoocrOptions, _without_texts(KoocrGrid)),
    "kana": Maker("chars", KanaOptions, _without_texts(KanaGrid), extras=True),
    "trdg": Maker("lines", TrdgOptions, TrdgLines),
    "pages": Maker("pages", PageSourceOptions, PageSource),
    "scenes": Maker("scenes", PageSourceOptions, PageSource, {"kinds": dict(SCENE_MIX)}),
}


@dataclass(frozen=True)
class FontChoice:
    """Which fonts draw.

    Attributes:
        styles: of the catalogue; all where empty.
        families: names of the catalogue; all where empty.
        folder: a folder of font files of one's own, instead of the catalogue; the split does not part it.
    """

    styles: tuple[Style, ...] = ()
    families: tuple[str, ...] = ()
    folder: Path | None = None

    def faces(self, split: Split) -> tuple[Face, ...]:
        """The installed faces that are meant.

        Raises:
            UsageError: a family is unknown or of the other side of the split.
            MissingDependencyError: none of them is installed.
            InputError: of the folder; it has none, or a damaged one, or one without Hangul.
        """
        return fonts.choose(split, self.styles, self.families, self.folder)


@dataclass(frozen=True)
class Recipe:
    """One source.

    Attributes:
        kind: a key of `MAKERS`.
        split: side that fonts and sentences are taken from.
        fonts: which fonts draw.
        texts: folder of texts; None draws from the built-in grammars.
        mix: weights of the kinds of text; the usual ones where empty.
        options: the dataclass that belongs to the kind.
        without: characters that no text holds; they are left out of sentences.
    """

    kind: str
    split: Split = "train"
    fonts: FontChoice = field(default_factory=FontChoice)
    texts: Path | None = None
    mix: Mapping[str, float] = field(default_factory=dict)
    options: Any = None
    without: str = ""

    def source(self) -> Source:
        """Build the source."""
        texts = TextSource(self.texts, self.split, dict(self.mix or DEFAULT_MIX), without=frozenset(self.without))
        return MAKERS[self.kind].build(self.options, self.fonts.faces(self.split), texts)


@dataclass(frozen=True)
class Part:
    """A recipe inside another; see `geulnun.synth.sources.Part`."""

    name: str
    recipe: Recipe
    count: int | None = None
    share: float | None = None


@dataclass(frozen=True)
class Plan:
    """A whole recipe file: one recipe, or several as its parts. It can be sent to other processes.

    Attributes:
        verb: what it draws.
        parts: its recipes; a file without parts is one nameless part.
        format: of the set on disk, where the command line names none.
        save: how that format writes.
    """

    verb: Verb
    parts: tuple[Part, ...]
    format: str = "folder"
    save: SetOptions = field(default_factory=SetOptions)

    def source(self) -> Source:
        """Build the source; it is the same in every process."""
        if len(self.parts) == 1 and not self.parts[0].name:
            return self.parts[0].recipe.source()
        built = [sources.Part(part.name, part.recipe.source(), part.count, part.share) for part in self.parts]
        return sources.Mixture(built) if self.parts[0].share is not None else sources.Chain(built)

    def lacking(self, characters: str) -> Plan:
        """The same plan with texts that hold none of ``characters``."""
        parts = (replace(part, recipe=replace(part.recipe, without=characters)) for part in self.parts)
        return replace(self, parts=tuple(parts))

    def extras(self) -> dict[str, bytes]:
        """Files that belong beside the samples by name, such as an index of classes; of sources that have such."""
        out: dict[str, bytes] = {}
        for part in reversed(self.parts):
            if MAKERS[part.recipe.kind].extras:
                source: Any = part.recipe.source()
                out |= source.extras()
        return out

    def faces(self) -> tuple[Face, ...]:
        """The faces of all parts."""
        return tuple(dict.fromkeys(face for part in self.parts for face in part.recipe.fonts.faces(part.recipe.split)))

    def digest(self) -> str:
        """Sixteen hex digits that change with any option, and with the font and text files that are there."""
        found: list[object] = [
            TypeAdapter(tuple[Part, ...]).dump_python(self.parts, mode="json", serialize_as_any=True)
        ]
        for part in self.parts:
            faces = part.recipe.fonts.faces(part.recipe.split)
            found.append([(face.path.name, face.index, face.path.stat().st_size) for face in faces])
            found.append(_listing(part.recipe.texts))
        return hashlib.sha256(json.dumps(found, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def load(path: Path, verb: Verb | None = None, texts: Path | None = None, split: Split | None = None) -> Plan:
    """Read a recipe file.

    Args:
        path: the YAML file.
        verb: what it should draw, and its kind where it names none; None takes any.
        texts: folder of texts to use instead of the recipe's.
        split: side to draw from instead of the recipe's.

    Raises:
        MissingInputError: there is no such file.
        RecipeError: it is not YAML, has a key or value that is not known, or draws something else.
    """
    content = recipe.read(path)
    name = str(path)
    parts = content.pop("parts", None)
    whole = recipe.parse({key: content.pop(key) for key in _WHOLE_KEYS if key in content}, _Whole, name)
    if verb is not None:
        content.setdefault("kind", verb)
    if texts is not None:
        content["texts"] = texts
    if split is not None:
        content["split"] = split
    found: tuple[Part, ...]
    if parts is None:
        found = (Part("", _recipe(content, name)),)
    else:
        if not isinstance(parts, list) or not parts:
            raise RecipeError(f"{path}: parts is {parts!r}; expected a list of at least one part")
        found = tuple(_part(content, part, f"{name}: parts.{at}") for at, part in enumerate(parts))
        _check_parts(found, name)
    verbs = {MAKERS[part.recipe.kind].verb for part in found}
    drawn = verbs.pop()
    if verbs:
        raise RecipeError(f"{path}: its parts draw {drawn} and {', '.join(verbs)}; a set holds one of them")
    if verb not in (None, drawn):
        raise RecipeError(f"{path}: it draws {drawn}, not {verb}; run geulnun synth {drawn}")
    return Plan(drawn, found, whole.format, whole.save)


@dataclass(frozen=True)
class _Whole:
    """What a recipe says of the set as a whole."""

    format: str = "folder"
    save: SetOptions = field(default_factory=SetOptions)


def _recipe(content: Mapping[str, Any], name: str) -> Recipe:
    kind = content.get("kind")
    if kind not in MAKERS:
        near = difflib.get_close_matches(str(kind), MAKERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(MAKERS)}"
        raise RecipeError(f"{name}: kind is {kind!r}; {hint}")
    given = content.get("options") or {}
    if not isinstance(given, Mapping):
        raise RecipeError(f"{name}: options is {given!r}; expected keys and values")
    maker = MAKERS[kind]
    options = recipe.parse({**maker.defaults, **given}, maker.options, name, "options.")
    return recipe.parse({**content, "options": options}, Recipe, name)


def _part(base: Mapping[str, Any], part: Any, name: str) -> Part:
    if not isinstance(part, dict):
        raise RecipeError(f"{name} is {part!r}; expected keys and values")
    rest = {key: value for key, value in part.items() if key not in _PART_KEYS}
    own = {key: part[key] for key in _PART_KEYS if key in part}
    unknown = [key for key in rest if key not in Recipe.__dataclass_fields__]
    if unknown:
        near = difflib.get_close_matches(str(unknown[0]), [*_PART_KEYS, *Recipe.__dataclass_fields__], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "a kind's own keys stand under options"
        raise RecipeError(f"{name}: unknown key {unknown[0]}; {hint}")
    return recipe.parse({**own, "recipe": _recipe(_merged(base, rest), name)}, Part, name)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` laid over ``base``, mappings key by key."""
    out = dict(base)
    for key, value in over.items():
        below = out.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        out[key] = _merged(below, value) if both and isinstance(below, Mapping) else value
    return out


def _check_parts(parts: Sequence[Part], name: str) -> None:
    mixed = any(part.share is not None for part in parts)
    if mixed and not all((part.share or 0) > 0 and part.count is None for part in parts):
        raise RecipeError(f"{name}: give every part a share above 0, or none; parts with shares have no count")
    if any(part.count is not None and part.count < 1 for part in parts):
        raise RecipeError(f"{name}: a part's count is below 1; leave such parts out")
    names = [part.name for part in parts]
    if len(set(names)) < len(names):
        raise RecipeError(f"{name}: two parts are called {max(names, key=names.count)!r}; give each its own name")


def _listing(folder: Path | None) -> list[tuple[str, int]]:
    if folder is None:
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in files]
