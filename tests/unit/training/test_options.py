"""Runs' files: our schema, today's keys, and those of train_easyocr with every key as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from geulnun.charset import PLAIN, Charset, FlatCharset
from geulnun.errors import MissingInputError, RecipeError
from geulnun.training import networks
from geulnun.training.easyocr_config import DEFAULTS, OLDER, load, translate
from geulnun.training.options import ClassChoice, LineTraining, SetChoice

MakeSet = Callable[..., Path]
RECIPES = Path(__file__).resolve().parents[3] / "recipes"


def written(folder: Path, content: dict[str, Any] | str) -> Path:
    file = folder / "run.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return file


def test_the_shipped_recipe_keeps_its_meaning() -> None:
    options = load(RECIPES / "recogniser.yaml").options
    content = yaml.safe_load((RECIPES / "recogniser.yaml").read_text("utf-8"))
    for key in set(content) - {"data", "start"}:
        assert getattr(options, key) == float(content[key]) if key == "rate" else content[key], key
    assert options.sets == (SetChoice((RECIPES / content["data"],)),)
    assert options.sets[0].paths[0].is_file()


def test_our_schema_with_sets(tmp_path: Path) -> None:
    content = {
        "net": "crnn", "width": 0.5, "classes": {"head": "flat", "characters": "가나"},
        "data": [{"path": "a.yaml", "ratio": 0.3, "split": "train"}, {"path": ["b", "c"], "ratio": 0.7}],
        "validation": [{"path": "v", "name": "held"}], "freeze": ["feature"], "steps": 10, "optimiser": "sgd",
    }  # fmt: skip
    options = load(written(tmp_path, content)).options
    assert [one.paths for one in options.sets] == [(tmp_path / "a.yaml",), (tmp_path / "b", tmp_path / "c")]
    assert options.validation[0].title == "held"
    assert options.total == 10
    assert options.classes.classes() == FlatCharset(("가", "나"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"optimizer": "sgd"}, "unknown key optimizer; did you mean 'optimiser'"),
        ({"data": [{"path": "a", "ration": 1}]}, "did you mean 'ratio'"),
        ({"classes": {"heads": "flat"}}, "did you mean 'head'"),
        ({"optimiser": "adagrad"}, "optimiser is 'adagrad'"),
        ({"freeze": ["head"]}, "freeze.0 is 'head'"),
        ({"data": [{"path": "a", "ratio": 0}]}, "expected a share above 0"),
        ({"average": 1.0}, "average is 1.0"),
        ({"steps": 0}, "steps is 0"),
        ({"classes": {"characters": "a", "file": "b"}}, "give one of them"),
        ({"validation": [{"path": "a/x"}, {"path": "b/x"}]}, "two sets are called 'x'"),
    ],
)
def test_wrong_keys_and_values_are_named(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load(written(tmp_path, content))


def test_classes(tmp_path: Path) -> None:
    (tmp_path / "characters.txt").write_text("가나\nab ", "utf-8")
    file = tmp_path / "characters.txt"
    assert ClassChoice().classes() == PLAIN
    assert ClassChoice("flat", file=file).classes() == FlatCharset(tuple("가나ab "))
    assert ClassChoice("jamo", file=file).classes() == Charset(tuple("ab "))
    assert ClassChoice("flat").classes("나가나") == FlatCharset(tuple("나가"))
    with pytest.raises(RecipeError, match="no characters"):
        ClassChoice("flat").classes()
    with pytest.raises(MissingInputError, match="no such file of characters"):
        ClassChoice("flat", file=tmp_path / "no").classes()


def test_an_unknown_net_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="did you mean 'tps-vgg-bilstm-attn'"):
        networks.build(LineTraining(net="tps-vgg-bilstm-att"), PLAIN)


# --- train_easyocr


#: train_easyocr's config.yaml, key by key.
CONFIG = """\
seed: 1111
experiment_name: phase4
number:
symbol:
lang_char:
character: " 0123456789가나"
train_data: FOLDER/train
val_data: FOLDER/val
select_data: select_data
batch_ratio: "1"
total_data_usage_ratio: 0.5
train_images: 40_000
val_images: 2_000
eval_images: 500
workers: 2
batch_size: 8
n_iter: 600_000
val_period: 10_000
continue_from: saved_models/phase4/iter_510000.pth
strict: True
show_number: 8
adam: False
lr: 1.
rho: .95
eps: 0.00000001
grad_clip: 5
Transformation: None
FeatureExtraction: VGG
SequenceModeling: BiLSTM
Prediction: CTC
img_height: 64
img_width: 600
rgb: False
input_channel: 1
output_channel: 256
hidden_size: 256
decode: greedy
num_fiducial: 20
batch_max_length: 34
sensitive: True
PAD: True
contrast_adjust: 0.0
data_filtering_off: False
new_prediction: False
freeze_FeatureFxtraction: True
freeze_SequenceModeling: False
"""


def test_config_yaml_as_it_is(make_set: MakeSet, tmp_path: Path) -> None:
    make_set("train/select_data")
    make_set("val/select_data")
    text = CONFIG.replace("FOLDER", str(tmp_path))
    found = load(written(tmp_path, text))
    options = found.options
    assert set(yaml.safe_load(text)) == set(DEFAULTS) - {"beta1"}
    assert found.name == "phase4"
    assert options.sets == (SetChoice((tmp_path / "train/select_data",), "select_data", 1.0, use=0.5),)
    assert options.validation[0].paths == (tmp_path / "val/select_data",)
    assert (options.steps, options.validate_steps, options.batch, options.longest) == (90_000, 10_000, 8, 34)
    assert (options.optimiser, options.rate, options.rho, options.eps) == ("adadelta", 1.0, 0.95, 1e-8)
    assert (options.schedule, options.grad_clip, options.average, options.seed) == ("constant", 5, 0, 1111)
    assert options.freeze == ("feature",)
    assert (options.start, options.strict, options.new_head) == (
        Path("saved_models/phase4/iter_510000.pth"),
        True,
        False,
    )
    assert [note.split(":")[0] for note in found.notes] == [
        "train_images", "val_images", "eval_images", "decode", "input_channel", "continue_from",
    ]  # fmt: skip
    net, spec = networks.build(options, options.classes.classes())
    assert (spec.height, spec.width, spec.scaling, spec.padding, spec.channels) == (64, 600, "signed", "edge", 1)
    assert spec.classes == FlatCharset(tuple(" 0123456789가나"))
    # EasyOCR's korean_g2 has 4,015,729 parameters with 1,009 classes; here are 14.
    assert sum(one.numel() for one in net.parameters()) == 4_015_729 - (1_009 - 14) * 257


def test_older_names_mean_the_same(make_set: MakeSet, tmp_path: Path) -> None:
    make_set("t/MJ")
    make_set("t/ST")
    content = {
        "manualSeed": 7, "train_data": str(tmp_path / "t"), "valid_data": str(tmp_path / "t"),
        "select_data": "MJ-ST", "batch_ratio": "0.4-0.6", "imgH": 32, "imgW": 100, "num_iter": 50, "valInterval": 5,
        "saved_model": "korean_g2.pth", "FT": True, "optim": "adam", "lr": 1.0, "Prediction": "Attn",
        "Transformation": "TPS", "character": "가 ", "n_train_images": 3, "n_val_images": 2, "sensitive": False,
        "data_filtering_off": True, "rgb": True, "new_prediction": True, "PAD": False,
    }  # fmt: skip
    assert set(OLDER) - {"continue_model", "val_interval", "exp_name", "freeze_FeatureExtraction"} <= set(content)
    found = translate(content, "old.yaml")
    options = found.options
    assert [(one.title, one.ratio) for one in options.sets] == [("MJ", 0.4), ("ST", 0.6)]
    assert (options.net, options.steps, options.validate_steps) == ("tps-vgg-bilstm-attn", 50, 5)
    assert (options.strict, options.new_head, options.sensitive, options.unknown) == (False, True, False, "character")
    assert (options.optimiser, options.rate, options.seed) == ("adam", 1e-3, 7)
    assert options.input.channels == 3
    assert any(note.startswith("lr: ") for note in found.notes)
    assert any(note.startswith("PAD: ") for note in found.notes)


def test_characters_come_from_parts_or_from_labels(make_set: MakeSet, tmp_path: Path) -> None:
    base = {"train_data": str(make_set("t", prefix="7")), "select_data": "/"}
    parts = translate(base | {"number": "01", "symbol": "!", "lang_char": "가", "character": "x"}, "a").options
    assert parts.classes.classes() == FlatCharset(tuple("01!가"))
    labels = translate(base | {"lang_char": "None"}, "a").options
    assert labels.classes.from_labels
    with pytest.raises(RecipeError, match="no characters"):
        translate(base, "a")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"freeze_FeatureFxtractoin": True}, "did you mean 'freeze_FeatureFxtraction'"),
        ({"batch_sise": 3}, "did you mean 'batch_size'"),
        ({"select_data": "a-b"}, "names 2 sets and batch_ratio 1"),
        ({"FeatureExtraction": "ViT"}, "expected one of VGG, RCNN, ResNet"),
        ({"rgb": "maybe"}, "expected True or False"),
        ({"lr": "fast"}, "lr is 'fast'; expected a number"),
        ({"n_iter": 5, "continue_from": "iter_10.pth"}, "has done as many"),
        ({"select_data": "zzz"}, "holds no folder of lines with 'zzz' in its path"),
    ],
)
def test_wrong_values_of_theirs(make_set: MakeSet, change: dict[str, Any], message: str) -> None:
    base = {"train_data": str(make_set("t")), "character": "01"}
    with pytest.raises((RecipeError, MissingInputError), match=message):
        translate(base | change, "config.yaml")


def test_every_recipe_of_lines_can_be_read(tmp_path: Path, make_set: MakeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for part in ("training", "validation"):
        make_set(f"sets/documents/training_and_validation_set/{part}/select_data")
    # SeqCLR trains no recogniser yet, and has a schema of its own.
    files = [file for file in (RECIPES / "lines").glob("*.yaml") if file.stem != "seqclr"]
    read = {file.stem: load(file).options for file in files}
    assert {"ocr_kor", "easyocr_config"} <= set(read)
    assert read["ocr_kor"].net == "tps-vgg-bilstm-attn"
    assert read["easyocr_config"].classes.classes().width == 1_009
    _, spec = networks.build(replace(read["ocr_kor"], width=0.1), FlatCharset(("가",)))
    assert (spec.height, spec.width, spec.decoding) == (32, 400, "attention")
