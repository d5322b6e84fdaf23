"""Every network of characters: published sizes, shapes for any input, stages that fit, and what is refused."""

from __future__ import annotations

import itertools

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from geulnun.charset import PLAIN, Charset, Classes, FlatCharset  # noqa: E402
from geulnun.errors import RecipeError  # noqa: E402
from geulnun.nets.character.builders import BUILDERS, HEADS, MAP_HEADS, listing, parameters  # noqa: E402
from geulnun.nets.character.direct import DirectMap  # noqa: E402
from geulnun.nets.character.discriminator import discriminator  # noqa: E402
from geulnun.nets.character.links import LINKS  # noqa: E402
from geulnun.nets.character.plain import kana, melnyk  # noqa: E402

FLAT = FlatCharset(tuple("가나다a"))
JAMO = Charset(("a", "1"))
SMALL = 0.125


def classes_for(head: str) -> Classes:
    return FLAT if head == "whole" else JAMO


def convolutions(module: nn.Module) -> list[nn.Conv2d]:
    return [each for each in module.modules() if isinstance(each, nn.Conv2d)]


def test_melnyk_has_the_published_weights() -> None:
    found = convolutions(melnyk(1, 96).module)
    assert len(found) == 14
    assert sum(conv.weight.numel() for conv in found) == 4_811_328
    assert all(conv.bias is None for conv in found)
    assert melnyk(1, 96)[1:] == (448, 6)


def test_other_networks_have_their_published_layers() -> None:
    with torch.device("meta"):
        nets = {name: BUILDERS[name].trunk(1, 96, 1.0) for name in BUILDERS}
        vgg = convolutions(nets["vgg16"].module)
    # Published for three colours; ours sees one.
    assert (len(vgg), sum(conv.weight.numel() for conv in vgg)) == (13, 14_710_464 - 2 * 9 * 64)
    assert len(convolutions(nets["efficient"].module)) == 1 + 11 * 3
    assert nets["efficient"][1:] == (512, 12)
    assert [conv.out_channels for conv in convolutions(nets["afl"].module)] == [
        *(96, 96, 128, 128, 160, 160, 256, 256, 256)
    ]
    assert nets["inception-resnet-v2"][1:] == (2144, 3)
    assert nets["mobilenet-v3-small"][1:] == (576, 3)


def test_the_kana_network_flattens_to_the_published_width() -> None:
    with torch.device("meta"):
        trunk = kana(1, 256)
        net = BUILDERS["kana"].build(FlatCharset(tuple(map(chr, range(0x3041, 0x3041 + 169)))), 256)
    assert trunk.channels * trunk.side**2 == 59_536
    linear = [(each.in_features, each.out_features) for each in net.modules() if isinstance(each, nn.Linear)]
    assert linear == [(59_536, 1024), (1024, 256), (256, 170)]


def test_the_default_is_small() -> None:
    with torch.device("meta"):
        assert parameters(BUILDERS["dense"].build(PLAIN)) < 4_500_000


@pytest.mark.parametrize("name", list(BUILDERS))
def test_maps_are_as_large_as_promised(name: str) -> None:
    for size in (64, 75, 96):
        trunk = BUILDERS[name].trunk(1, size, SMALL)
        with torch.no_grad():
            maps = trunk.module.eval()(torch.rand(1, 1, size, size))
        assert maps.shape == (1, trunk.channels, trunk.side, trunk.side)


@pytest.mark.parametrize("name", list(BUILDERS))
def test_every_head_fits_every_network(name: str) -> None:
    torch.manual_seed(0)
    inputs = torch.rand(3, 1, 64, 64)
    for head in HEADS:
        classes = classes_for(head)
        net = BUILDERS[name].build(classes, factor=SMALL, head=head, direct=head == "split", steps=3)
        assert isinstance(net.direct, DirectMap if head == "split" else nn.Identity)
        net.eval()
        with torch.no_grad():
            features = net.features(inputs)
            states = net.states(inputs)
            assert states.shape == (3, 3 if head == "refine" else 1, classes.width)
            assert torch.equal(net.answer(features), states)
            assert torch.equal(net(inputs), states[:, -1])
            assert net.embed(features).shape == (3, net.width)
            # Who wrote it can be asked of any of them.
            assert discriminator(net.width)(net.embed(features)).shape == (3,)


def test_every_link_fits() -> None:
    for link, hidden in itertools.product(LINKS, [(), (24,)]):
        net = BUILDERS["melnyk"].build(FLAT, 32, SMALL, link=link, hidden=hidden)
        loss = net(torch.rand(2, 1, 32, 32)).square().sum()
        loss.backward()
        assert all(parameter.grad is not None for parameter in net.parameters())


@pytest.mark.parametrize("head", HEADS)
def test_every_head_trains_as_the_cpu_likes_it(head: str) -> None:
    torch.manual_seed(0)
    classes = classes_for(head)
    net = BUILDERS["dense"].build(classes, 32, SMALL, head=head).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    ids = torch.tensor(classes.encode("가나a"))
    with torch.autocast("cpu", torch.bfloat16):
        states = net.states(torch.rand(3, 1, 32, 32), ids)
    states.float().square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in net.parameters())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"head": "splt", "classes": JAMO}, "did you mean 'split'"),
        ({"link": "gwpa", "classes": JAMO}, "did you mean 'gwap'"),
        ({"head": "split", "classes": FLAT}, r"jamo \(factored\)"),
        ({"head": "whole", "classes": JAMO}, r"\(flat\)"),
        ({"head": "denseran", "classes": FLAT}, r"jamo \(factored\)"),
        ({"head": "refine", "link": "gap", "classes": FLAT}, "leave link and hidden out"),
        ({"head": "refine", "steps": 0, "classes": FLAT}, "steps is 0"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        BUILDERS["kana"].build(factor=SMALL, **given)  # type: ignore[arg-type]


def test_an_input_that_vanishes_is_refused() -> None:
    with pytest.raises(RecipeError, match="size is 8"):
        BUILDERS["kana"].build(FLAT, 8)


def test_specs_carry_size_and_classes() -> None:
    assert BUILDERS["melnyk"].spec(JAMO).size == 96
    assert BUILDERS["melnyk"].spec(JAMO, 64) == BUILDERS["dense"].spec(JAMO)


def test_the_listing_names_all() -> None:
    rows = list(listing(64))
    assert [row.split()[0] for row in rows] == ["name", *BUILDERS]
    assert set(MAP_HEADS) <= set(rows[0].split())
