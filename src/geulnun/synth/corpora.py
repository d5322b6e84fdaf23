"""Plain text on disk: what files of a folder hold, how they are read, which side of the split a sentence is on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from geulnun import charset
from geulnun.errors import DamagedInputError, MissingInputError

#: One sentence in this many is held out.
HELD_OUT_SHARE = 25
#: Files of a corpus folder, by what they serve as. Absent ones are skipped.
SENTENCES = (
    "klue_dev/dp_sentences.txt",
    "klue_dev/ner_sentences.txt",
    "klue_dev/nli_sentences.txt",
    "klue_dev/sts_sentences.txt",
    "kornlu/sentences.txt",
    "ud_korean_kaist/sentences.txt",
    "wiki_synthdog/kowiki.txt",
)
CHATTER = ("nsmc_reviews/reviews.txt",)
WORDS = (
    "wordlists/ocr_kor_ko.txt",
    "open_korean_text/noun_nouns.txt",
    "open_korean_text/noun_entities.txt",
    "open_korean_text/noun_foreign.txt",
    "open_korean_text/adverb_adverb.txt",
    "open_korean_text/adjective_adjective.txt",
    "tesseract_langdata/kor/kor.wordlist",
    "admin_districts/full_names.txt",
)
LATIN = ("wiki_synthdog/enwiki.txt",)
KANA = ("wiki_synthdog/jawiki.txt", "ud_japanese_gsd/sentences.txt")
#: Ideographs with their Korean reading, one pair a line.
HANJA = "hanja/table.txt"


def held_out(sentence: str) -> bool:
    """Tell on which side of the split a sentence lies; stable over files, runs and machines."""
    return zlib.crc32(sentence.encode("utf-8")) % HELD_OUT_SHARE == 0


def checked(folder: Path) -> None:
    """Make sure that a folder may serve as a corpus.

    Raises:
        MissingInputError: it is absent, or holds no text file.
    """
    if not folder.is_dir():
        raise MissingInputError(f"{folder}: no such folder of texts; name one, or none for the built-in text")
    if not any(path.stat().st_size for path in folder.rglob("*.txt")):
        raise MissingInputError(f"{folder}: holds no text; expected UTF-8 files *.txt, one sentence a line")


def lines(folder: Path, files: Sequence[str], wanted_held_out: bool) -> list[str]:
    """The lines of those files that exist, of one side of the split."""
    out: list[str] = []
    for name in files:
        path = folder / name
        if path.is_file():
            out += read(path)
    return [line for line in out if held_out(line) == wanted_held_out]


def sentences(folder: Path, wanted_held_out: bool) -> list[str]:
    """The sentences of a corpus folder: of the files listed above, else of any text file in it.

    Raises:
        MissingInputError: there is not one on that side of the split.
    """
    found = lines(folder, SENTENCES, wanted_held_out)
    if not found and not any((folder / name).is_file() for name in SENTENCES):
        paths = sorted(folder.glob("*.txt")) or sorted(folder.rglob("*.txt"))
        found = lines(folder, [str(path.relative_to(folder)) for path in paths], wanted_held_out)
    if not found:
        side = f"held-out sentence; one in {HELD_OUT_SHARE} is" if wanted_held_out else "sentence to train with"
        raise MissingInputError(f"{folder}: holds no {side}; add UTF-8 text, one sentence a line")
    return found


def read(path: Path) -> list[str]:
    """The lines of a text file, normalised, articles cut into sentences.

    Raises:
        DamagedInputError: the file is not UTF-8 text.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as file:
            found = [charset.normalise(line) for line in file]
    except UnicodeDecodeError as error:
        raise DamagedInputError(
            f"{path}: not UTF-8 text ({error.reason}); convert it, e.g. iconv -f cp949 -t utf-8"
        ) from error
    out: list[str] = []
    for line in found:
        # Encyclopaedia files hold an article a line: cut it into sentences, so that the split is by sentence.
        out += [part for part in line.replace(". ", ".\n").split("\n") if part] if len(line) > 300 else [line]
    return [line for line in out if line and not line.isupper()]


def hanja(folder: Path) -> dict[str, str]:
    """Korean readings of ideographs by ideograph; empty where the folder has no table of them."""
    path = folder / HANJA
    if not path.is_file():
        return {}
    pairs = (line.split(" ") for line in read(path))
    # The table's later columns are rarer readings; compatibility ideographs fold to others under NFC.
    return {pair[0]: pair[1][0] for pair in pairs if len(pair) >= 2 and "\u4e00" <= pair[0] < "\ua000"}
