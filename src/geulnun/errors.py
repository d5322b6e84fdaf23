"""The one error tree. Each class carries the exit code the command line ends with."""

from __future__ import annotations


class GeulnunError(Exception):
    """Base of every error this package raises on purpose.

    The message is one line: the value, what was expected, what to do.
    """

    exit_code: int = 1


class UsageError(GeulnunError):
    """An option or argument that cannot be used as given."""

    exit_code = 2


class InputError(GeulnunError):
    """A file, array or stream that cannot be read as an image or document."""

    exit_code = 3


class MissingInputError(InputError):
    """A path, glob or stream that holds nothing."""


class DamagedInputError(InputError):
    """A file whose content is broken, truncated or not of a known format."""


class TooLargeError(InputError):
    """An image beyond the pixel limit; raised before its pixels are decoded."""


class EncryptedError(InputError):
    """A PDF that needs a password, or another one than was given."""


class PageRangeError(InputError):
    """A page range that is malformed or names no page of the document."""


class ModelError(GeulnunError):
    """Weights that are missing, damaged or of another version."""

    exit_code = 4


class MissingDependencyError(GeulnunError):
    """A program or optional package that a command needs and does not find."""

    exit_code = 5


class RecipeError(GeulnunError):
    """A recipe or configuration with a wrong key or value."""

    exit_code = 6
