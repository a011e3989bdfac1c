"""The version of the distribution, read from its metadata."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("recarga")
except PackageNotFoundError:  # run from a source tree that is not installed
    VERSION = "0+unknown"
