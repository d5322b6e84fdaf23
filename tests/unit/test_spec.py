"""What a recogniser's file says of itself survives the file, and nonsense is refused in one line."""

from __future__ import annotations

import json

import pytest

from geulnun.charset import PLAIN, WITH_IDEOGRAPHS, Charset, FlatCharset
from geulnun.errors import ModelError
from geulnun.spec import CHARACTER_KEY, DETECTOR_KEY, KEY, CharacterSpec, DetectorSpec, LineSpec


@pytest.mark.parametrize(
    "spec",
    [
        LineSpec(),
        LineSpec(classes=WITH_IDEOGRAPHS, temperature=1.7, direction="down"),
        LineSpec(32, 400, 4, 3, "signed", "edge", "attention", classes=FlatCharset(tuple('가나 "\\\n'))),
    ],
)
def test_round_trip(spec: LineSpec) -> None:
    assert LineSpec.from_json(spec.to_json(), "a.onnx") == spec
    assert LineSpec.of_metadata({KEY: spec.to_json()}, "a.onnx") == spec


def test_a_file_that_says_nothing_is_of_the_first_readers() -> None:
    assert LineSpec.of_metadata({}, "a.onnx") == LineSpec(classes=PLAIN)


def changed(**changes: object) -> str:
    return json.dumps(json.loads(LineSpec().to_json()) | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "does not say"),
        ("[]", "does not say"),
        (changed(height=0), "height is 0"),
        (changed(height="tall"), "does not say"),
        (changed(decoding="magic"), "expected one of ctc, attention, parallel"),
        (changed(colour=3), "unknown colour"),
        (changed(classes={"head": "round"}), "expected jamo or flat"),
        (changed(temperature=0), "temperature is 0"),
    ],
)
def test_nonsense_is_refused_with_the_files_name(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        LineSpec.from_json(text, "a.onnx")
    assert str(caught.value).startswith("a.onnx: ")


@pytest.mark.parametrize(
    "spec",
    [
        CharacterSpec(),
        CharacterSpec(96, "whole", FlatCharset(tuple("가나ㄱ1")), 1.5, 0.25),
        CharacterSpec(classes=Charset(("ㄱ", "1"))),
    ],
)
def test_characters_round_trip(spec: CharacterSpec) -> None:
    assert CharacterSpec.from_json(spec.to_json(), "a.onnx") == spec
    assert CharacterSpec.of_metadata({CHARACTER_KEY: spec.to_json()}, "a.onnx") == spec


def test_a_file_of_lines_is_none_of_characters() -> None:
    with pytest.raises(ModelError, match=r"a\.onnx: no recogniser of characters"):
        CharacterSpec.of_metadata({KEY: LineSpec().to_json()}, "a.onnx")
    with pytest.raises(ModelError, match=r"a\.onnx: does not say what recogniser it is \(unknown channels, decoding"):
        CharacterSpec.from_json(LineSpec(width=400).to_json(), "a.onnx")
    with pytest.raises(ModelError, match="framing is 'loose'"):
        CharacterSpec.from_json(CharacterSpec().to_json().replace("ink", "loose"), "a.onnx")


@pytest.mark.parametrize("spec", [DetectorSpec(), DetectorSpec("regions", 2), DetectorSpec("points", 4, 64, 1024)])
def test_detectors_round_trip(spec: DetectorSpec) -> None:
    assert DetectorSpec.from_json(spec.to_json(), "a.onnx") == spec
    assert DetectorSpec.of_metadata({DETECTOR_KEY: spec.to_json()}, "a.onnx") == spec


def test_a_detector_that_says_nothing_is_none() -> None:
    with pytest.raises(ModelError, match=r"a\.onnx: no detector of this version"):
        DetectorSpec.of_metadata({}, "a.onnx")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "does not say what detector"),
        ("[1]", "does not say what detector"),
        ('{"kind": "magic"}', "expected one of regions, points"),
        ('{"colour": 3}', "unknown colour"),
        ('{"stride": 0}', "stride is 0"),
        ('{"stride": "4"}', "stride is '4'"),
        ('{"stride": 5}', "multiple is 32; expected a multiple of the stride, 5"),
    ],
)
def test_nonsense_of_detectors_is_refused_with_the_files_name(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        DetectorSpec.from_json(text, "a.onnx")
    assert str(caught.value).startswith("a.onnx: ")
