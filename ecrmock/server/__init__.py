"""Floor 8: a world over HTTP."""

from typing import Final

URI_STYLES: Final = ("aws", "localhost")
"""How repositories are named: as AWS does, or by the host under which the caller comes."""
