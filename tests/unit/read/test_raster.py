import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geulnun.errors import DamagedInputError, InputError, TooLargeError, UsageError
from geulnun.read.raster import LoadOptions, array_to_rgb, check_size, pil_to_rgb

GREY = np.array([[0, 128, 255]], dtype=np.uint8)


@pytest.mark.parametrize(
    "array",
    [
        GREY,
        GREY[..., None],
        np.repeat(GREY[..., None], 3, 2),
        GREY.astype(np.uint16) * 257,
        (GREY.astype(np.uint16) * 257).astype(">u2"),
        GREY / 255.0,
        (GREY / 255.0).astype(np.float32),
        GREY.astype(np.int64),
        np.stack([GREY, np.full_like(GREY, 255)], 2),
        np.concatenate([np.repeat(GREY[..., None], 3, 2), np.full((1, 3, 1), 255, np.uint8)], 2),
        GREY[:, ::-1][:, ::-1],
    ],
)
def test_every_kind_of_array_gives_the_same_pixels(array: NDArray[np.generic]) -> None:
    rgb = array_to_rgb(array)
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    np.testing.assert_array_equal(rgb, np.repeat(GREY[..., None], 3, 2))


def test_bool_true_is_white() -> None:
    assert array_to_rgb(np.array([[True, False]])).tolist() == [[[255] * 3, [0] * 3]]


def test_alpha_is_composited_on_white() -> None:
    black = np.zeros((1, 3, 4), np.uint8)
    black[0, :, 3] = (255, 0, 128)
    assert array_to_rgb(black)[0, :, 0].tolist() == [0, 255, 127]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((2, 2, 5), np.uint8), "shape"),
        (np.full((2, 2), 200.0), "0..1"),
        (np.full((2, 2), -1), "0..255"),
        (np.full((2, 2), np.nan), "nan"),
        (np.full((2, 2), "x"), "dtype"),
        (np.zeros((2, 2), np.complex64), "dtype"),
    ],
)
def test_unusable_arrays_say_what_was_expected(array: NDArray[np.generic], words: str) -> None:
    with pytest.raises(InputError, match=words):
        array_to_rgb(array, "it")


def test_empty_array_is_damaged() -> None:
    with pytest.raises(DamagedInputError, match="0 x 3"):
        array_to_rgb(np.zeros((3, 0), np.uint8))


def test_sixteen_bit_grey_spans_its_whole_range() -> None:
    image = Image.fromarray(np.array([[0, 257, 32768, 65535]], np.uint16))
    assert image.mode == "I;16"
    assert pil_to_rgb(image)[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize(
    ("mode", "values", "expected"),
    [
        ("I", [0, 100, 255], [0, 100, 255]),
        ("I", [0, 32768, 65535], [0, 128, 255]),
        ("I", [-10, 0, 10], [0, 128, 255]),
        ("F", [0.0, 0.5, 1.0], [0, 128, 255]),
        ("F", [0.0, 100.0, 255.0], [0, 100, 255]),
    ],
)
def test_wide_grey_modes(mode: str, values: list[float], expected: list[int]) -> None:
    image = Image.new(mode, (3, 1))
    image.putdata(values)
    assert pil_to_rgb(image)[0, :, 0].tolist() == expected


def test_one_bit_and_palette_with_transparency() -> None:
    bits = Image.new("1", (2, 1))
    bits.putpixel((0, 0), 1)
    assert pil_to_rgb(bits)[0, :, 0].tolist() == [255, 0]
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putpixel((1, 0), 1)
    palette.info["transparency"] = 1
    assert pil_to_rgb(palette)[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_cmyk_ink_is_dark() -> None:
    image = Image.new("CMYK", (1, 1), (0, 0, 0, 255))
    assert pil_to_rgb(image)[0, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("mode", ["L", "LA", "La", "RGBA", "RGBa", "RGBX", "YCbCr", "HSV", "LAB", "PA"])
def test_white_is_white_in_every_mode(mode: str) -> None:
    white: dict[str, int | tuple[int, ...]] = {
        "L": 255,
        "HSV": (0, 0, 255),
        "YCbCr": (255, 128, 128),
        "LAB": (255, 128, 128),
        "PA": (0, 255),
    }
    image = Image.new(mode, (2, 2), white.get(mode, (255,) * len(Image.new(mode, (1, 1)).getbands())))
    if mode == "PA":
        image.putpalette([255, 255, 255])
    assert pil_to_rgb(image).min() >= 254


def test_size_checks() -> None:
    with pytest.raises(TooLargeError, match="60000 x 60000 pixels are over the limit of 1,000"):
        check_size(60000, 60000, 1000, "big.png")
    with pytest.raises(DamagedInputError, match="0 x 7"):
        check_size(0, 7, 1000, "flat.png")
    check_size(25, 40, 1000, "just.png")


@pytest.mark.parametrize("values", [{"dpi": 0}, {"dpi": 1e9}, {"dpi": float("nan")}, {"max_pixels": 0}])
def test_load_options_are_checked(values: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="expected"):
        LoadOptions(**values)  # type: ignore[arg-type]
