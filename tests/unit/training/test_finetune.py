"""Fine-tuning: float weights out of shipped files, a user's lines in two parts, and what is kept of a run."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from tests.unit.training.conftest import CHARACTERS, MakeSet, digits
from torch import Tensor, nn

from geulnun.charset import WITH_IDEOGRAPHS, Charset, FlatCharset
from geulnun.errors import InputError, ModelError, UsageError
from geulnun.export.lines import export_lines
from geulnun.metrics.counts import ErrorRate
from geulnun.nets.recognition.builders import BUILDERS
from geulnun.nets.recognition.easyocr_names import theirs
from geulnun.nets.recognition.grid import GridOptions, grid
from geulnun.nets.recognition.line import dense
from geulnun.spec import LineSpec
from geulnun.training import finetune, finetune_start
from geulnun.training.batches import Fit, Mix
from geulnun.training.ctc import class_log_probs
from geulnun.training.finetune import FinetuneOptions, Material, Turn, between, divergence, gather, tune
from geulnun.training.finetune_data import Feed, parted, some, varied
from geulnun.training.finetune_nets import network_of
from geulnun.training.finetune_start import Start, of_file
from geulnun.training.sets import Line, LineSet, Words
from geulnun.training.validation import Scores

CLASSES = FlatCharset(tuple(CHARACTERS))
SPEC = LineSpec(classes=CLASSES)


def unlike(net: nn.Module, seed: int = 3) -> nn.Module:
    """The network with normalisations that do something, as after training."""
    generator = torch.Generator().manual_seed(seed)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value, low in ((module.weight, 0.5), (module.bias, -0.2), (module.running_var, 0.5)):
                assert value is not None
                value.data.copy_(low + torch.rand(value.shape, generator=generator))
            assert module.running_mean is not None
            module.running_mean.copy_(torch.rand(module.running_mean.shape, generator=generator) - 0.5)
    return net.eval()


@torch.no_grad()
def logits(net: nn.Module, seed: int = 0) -> Tensor:
    found: Tensor = net(torch.rand(1, 1, 40, 96, generator=torch.Generator().manual_seed(seed)) * 2 - 1)
    return found


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-4), ("float16", 1e-2), ("int8", 0.08)])
def test_weights_come_back_out_of_a_file(precision: str, error: float, tmp_path: Path) -> None:
    net = unlike(dense(CLASSES, 0.25))
    samples = [np.random.default_rng(at).uniform(-1, 1, (4, 1, 40, 96)).astype(np.float32) for at in range(3)]
    file = export_lines(net, SPEC, tmp_path / "net.onnx", precision, samples)
    start = of_file(file)
    assert start.spec == SPEC
    wanted, found = logits(net), logits(start.net)
    assert float((wanted - found).abs().max()) < error * float(wanted.std())
    # It can be trained on: each layer has its normalisation, and a gradient reaches the first one.
    assert start.net.state_dict().keys() == net.state_dict().keys()
    start.net(torch.ones(1, 1, 40, 32)).square().mean().backward()
    first = next(start.net.parameters())
    assert first.grad is not None
    assert float(first.grad.abs().sum()) > 0


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-4), ("int8", 0.15)])
def test_ideographs_that_a_file_keeps_apart_come_to_the_head(precision: str, error: float, tmp_path: Path) -> None:
    net = unlike(dense(WITH_IDEOGRAPHS, 0.125))
    samples = [np.random.default_rng(1).uniform(-1, 1, (4, 1, 40, 96)).astype(np.float32)]
    file = export_lines(net, LineSpec(classes=WITH_IDEOGRAPHS), tmp_path / "net.onnx", precision, samples)
    wanted, found = logits(net), logits(of_file(file).net)
    assert wanted.shape == found.shape
    assert float((wanted - found).abs().max()) < error * float(wanted.std())


def test_files_that_cannot_be_trained_on_say_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such recogniser"):
        of_file(tmp_path / "none.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not an ONNX file"):
        of_file(tmp_path / "bad.onnx")
    recurrent = grid("none-vgg-bilstm-ctc", CLASSES, GridOptions(channels=16, hidden=16))
    spec = BUILDERS["none-vgg-bilstm-ctc"].line_spec(CLASSES)
    with pytest.raises(ModelError, match=r"last\.pt"):
        of_file(export_lines(recurrent, spec, tmp_path / "crnn.onnx"))


def test_module_names_out_of_node_names() -> None:
    name = finetune_start._module
    assert name("/feature/feature.0/feature.0.0/feature.0.0.0/Conv") == "feature.0.0.0"
    assert name("/feature/feature.2/first/first.0/first.0.0/Conv") == "feature.2.first.0.0"
    assert name("/sequence/sequence.1/second/second.0/Conv") == "sequence.1.second.0"
    assert name("/prediction/Conv") == "prediction"


@pytest.mark.parametrize("name", ["none-vgg-bilstm-ctc", "tps-resnet-none-ctc", "none-rcnn-bilstm-attn"])
def test_a_checkpoint_tells_its_network_by_its_sizes(name: str, tmp_path: Path) -> None:
    options = GridOptions(width=96, channels=32, hidden=24, fiducials=8, localisation=16, most=5)
    net = grid(name, CLASSES, options).eval()
    spec = LineSpec(
        height=32, width=96 if name.startswith("tps") else None, classes=CLASSES,
        decoding="attention" if name.endswith("attn") else "ctc",
    )  # fmt: skip
    file = tmp_path / "last.pt"
    torch.save({"average": net.state_dict(), "spec": spec.to_json()}, file)
    found, said = network_of(file)
    assert said == spec
    image = torch.rand(1, 1, 32, 96)
    targets = torch.tensor([[1, 2, 3]])
    with torch.no_grad():
        assert torch.equal(net(image, targets), found(image, targets))


def test_a_smaller_network_is_found_by_its_factor(tmp_path: Path) -> None:
    net = BUILDERS["svtr-jamo"].build(CLASSES, 0.25).eval()
    torch.save({"average": net.state_dict(), "spec": SPEC.to_json()}, tmp_path / "last.pt")
    with torch.no_grad():
        assert torch.equal(logits(network_of(tmp_path / "last.pt")[0]), logits(net))


def test_a_file_of_easyocr_needs_its_characters(tmp_path: Path) -> None:
    file = tmp_path / "their.pth"
    net = grid("none-vgg-bilstm-ctc", CLASSES, GridOptions(height=64, channels=32, hidden=16)).eval()
    torch.save(theirs(net.state_dict()), file)
    with pytest.raises(ModelError, match=f"its {len(CHARACTERS)} characters"):
        network_of(file)
    with pytest.raises(ModelError, match="check --characters"):
        network_of(file, "0123")
    found, spec = network_of(file, CHARACTERS)
    assert (spec.height, spec.scaling, spec.padding, spec.classes) == (64, "signed", "edge", CLASSES)
    with torch.no_grad():
        assert torch.equal(found(torch.ones(1, 1, 64, 96)), net(torch.ones(1, 1, 64, 96)))


def pages(folder: Path, documents: int, each: int) -> Path:
    """Crops whose names say what page they are from."""
    (folder / "images").mkdir(parents=True)
    rows = ["filename,words"]
    for document in range(documents):
        for at in range(each):
            name = f"page{document}_0-{at * 40}-64-{at * 40 + 32}.png"
            cv2.imwrite(str(folder / "images" / name), digits(str(document), 64))
            rows.append(f"{name},{document}{at}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def texts(lines: LineSet) -> list[str]:
    return [line.text for line in some(lines, None)]


def test_lines_of_one_page_stay_together(tmp_path: Path) -> None:
    parts = parted(pages(tmp_path / "set", 8, 5), Words(CLASSES), 0.2, 1)
    train, held = ({text[0] for text in texts(part)} for part in (parts.train, parts.validation))
    assert parts.by == "document"
    assert not train & held
    assert (len(texts(parts.train)), len(texts(parts.validation))) == (30, 10)


def test_few_pages_are_parted_by_line(tmp_path: Path) -> None:
    parts = parted(pages(tmp_path / "set", 2, 10), Words(CLASSES), 0.25, 1)
    assert (parts.by, parts.train.size, parts.validation.size) == ("image", 15, 5)
    assert sorted(texts(parts.train) + texts(parts.validation)) == sorted(
        f"{d}{at}" for d in range(2) for at in range(10)
    )


def test_a_set_that_has_a_split_keeps_it(tmp_path: Path) -> None:
    pages(tmp_path / "set" / "training", 3, 4)
    pages(tmp_path / "set" / "validation", 1, 2)
    parts = parted(tmp_path / "set", Words(CLASSES), 0.5, 1)
    assert (parts.by, parts.train.size, parts.validation.size) == ("the set's own split", 12, 2)


def test_too_few_lines_are_refused_with_the_reason(make_set: MakeSet) -> None:
    with pytest.raises(InputError, match="6 lines can be used; fine-tuning needs at least 10"):
        parted(make_set("set", 6), Words(CLASSES), 0.2, 1)
    with pytest.raises(InputError, match=r"0 lines .* cannot write"):
        parted(make_set("other", 12), Words(FlatCharset(("가",))), 0.2, 1)


def test_a_varied_line_is_the_same_line() -> None:
    line = Line(digits("123", 80), "123")
    one, again, other = varied(line, (1, 2)), varied(line, (1, 2)), varied(line, (1, 3))
    assert np.array_equal(one.image, again.image)
    assert one.image.shape != other.image.shape or not np.array_equal(one.image, other.image)
    for at in range(40):
        made = varied(line, (at,))
        assert made.text == "123"
        assert 0.9 < made.image.shape[0] / 32 < 1.25
        assert 0.7 < made.image.shape[1] / 80 < 1.4
        # The ink is still there.
        assert int((made.image < 128).sum()) > 100


class Fixed:
    """Lines of one text, without end."""

    size = None

    def __init__(self, text: str) -> None:
        self.text = text

    def line(self, index: int, seed: int) -> Line:
        return Line(digits(self.text, 64), self.text)


def test_a_feed_mixes_by_share(make_set: MakeSet) -> None:
    parts = parted(make_set("set", 20, prefix="7"), Words(CLASSES), 0.2, 1)
    mix = Mix((), Words(CLASSES), SPEC, Fit(), batch=8, group=4)
    feed = iter(Feed(parts.train, Fixed("00"), 0.25, mix))
    drawn = [next(feed) for _ in range(8)]
    batches = [batch for batch, _ in drawn]
    read = [text for batch in batches for text in batch.texts]
    assert [text != "00" for text in read] == [bool(own) for _, flags in drawn for own in flags]
    assert sum(text == "00" for text in read) == 2 * 8
    assert sum(text.startswith("7") for text in read) == 6 * 8
    assert all(batch.inputs.shape[1:3] == (1, 40) and batch.inputs.shape[3] % 64 == 0 for batch in batches)


def scores(edits: int, length: int, loss: float = 1.0) -> Scores:
    return Scores((), 0.0, 0.0, ErrorRate(edits, length), loss)


def test_what_others_lose_is_dear_and_what_they_gain_is_nothing() -> None:
    first = Turn(0, 0, scores(10, 100), scores(4, 100))
    worse, better = Turn(1, 1, scores(2, 100), scores(6, 100)), Turn(1, 1, scores(2, 100), scores(2, 100))
    assert first.cost(first) == (0.1, 1.0)
    assert worse.cost(first)[0] == pytest.approx(0.02 + 5 * 0.02)
    assert better.cost(first)[0] == pytest.approx(0.02)
    assert Turn(1, 1, scores(2, 100), None).cost(first) == (0.02, 1.0)


def test_divergence_of_the_factored_head_is_that_over_all_characters() -> None:
    classes = Charset((" ", "a"), ("韓", "國"))
    before, now = (torch.randn(2, 3, classes.width, generator=torch.Generator().manual_seed(at)) for at in (1, 2))
    ids = torch.tensor([0, 2, 3, *range(classes.syllable_base, classes.classes)])
    p, q = (class_log_probs(logits, ids, classes) for logits in (before, now))
    rest = [1 - one.exp().sum(-1) for one in (p, q)]
    assert float(rest[0].abs().max()) < 1e-5
    assert torch.allclose(divergence(before, now, classes), (p.exp() * (p - q)).sum(-1), atol=1e-4)
    assert float(divergence(before, before, classes).abs().max()) < 1e-6


def test_divergence_by_hand() -> None:
    before, now = torch.tensor([[[0.0, 0.0]]]), torch.tensor([[[math.log(3.0), 0.0]]])
    found = float(divergence(before, now, FlatCharset(("a",))))
    assert found == pytest.approx(0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25))


def test_between_two_networks() -> None:
    first, last = nn.Linear(2, 1), nn.Linear(2, 1)
    for net, value in ((first, 1.0), (last, 3.0)):
        nn.init.constant_(net.weight, value)
    assert between(first, last, 0.25).state_dict()["weight"].tolist() == [[1.5, 1.5]]
    assert last.weight.tolist() == [[3.0, 3.0]]


def without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "rehearsal", lambda *_: None)


def test_a_run_learns_and_leaves_its_start_alone(make_set: MakeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    without_fonts(monkeypatch)
    torch.manual_seed(0)
    start = Start(unlike(dense(CLASSES, 0.125)), SPEC)
    before = copy.deepcopy(start.net.state_dict())
    options = FinetuneOptions(minutes=10, steps=24, rate=3e-3, columns=1500, anchor=0.0, threads=1, patience=9)
    material = gather(make_set("set", 24), start, options)
    assert material.others == ()
    assert material.rehearsed is None
    said: list[str] = []
    tuned = tune(start, material, options, said.append)
    assert [turn.steps for turn in tuned.turns] == [0, 4, 8, 12, 16, 20, 24]
    assert tuned.turns[-1].yours.loss < 0.8 * tuned.turns[0].yours.loss
    after = tuned.net.state_dict()
    for name, value in before.items():
        assert torch.equal(value, start.net.state_dict()[name])
        if name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            assert torch.equal(value, after[name])
    assert said[0].startswith("0 steps, 0 lines: CER ")
    assert not tuned.net.training


def test_the_anchor_holds_weights_where_they_were(make_set: MakeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    without_fonts(monkeypatch)
    start = Start(unlike(dense(CLASSES, 0.125)), SPEC)
    moved = []
    for anchor in (0.0, 0.01):
        options = FinetuneOptions(steps=6, rate=1e-3, columns=1500, anchor=anchor, threads=1, patience=9)
        run = finetune._Run(start, gather(make_set(f"set{anchor}", 16), start, options), options)
        for _ in range(6):
            run.step()
        pairs = zip(run.net.parameters(), start.net.parameters(), strict=True)
        moved.append(math.sqrt(sum(float((a - b).detach().square().sum()) for a, b in pairs)))
    assert 0 < moved[1] < 0.8 * moved[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("minutes", 0), ("rate", -1.0), ("rehearsal", 1.0), ("validation", 0.0), ("patience", 0), ("steps", 0)],
)
def test_options_are_checked(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=name):
        FinetuneOptions(**{name: value})  # type: ignore[arg-type]


def test_material_needs_images_that_can_be_read(make_set: MakeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    without_fonts(monkeypatch)
    folder = make_set("set", 12)
    start = Start(unlike(dense(CLASSES, 0.125)), SPEC)
    options = FinetuneOptions()
    held = gather(folder, start, options)
    assert isinstance(held, Material)
    assert len(held.yours) == 2
