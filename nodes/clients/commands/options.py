"""Options that several commands take, and what they say together."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from nodes.clients.errors import BadInput

_TOKEN_CHARS_MAX = 8_192
DEFAULT_NODES = ("http://127.0.0.1:9001", "http://127.0.0.1:9000")
"""The first node of a network to play with, and a node alone, as they are where nothing else is said."""

Nodes = Annotated[
    list[str] | None,
    typer.Option(
        "--node", metavar="URL", envvar="RECARGA_NODES", help="A node; repeated: the next is asked when one is away."
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(envvar="RECARGA_TOKEN_FILE", help="File with the bearer token; or RECARGA_TOKEN in the environment."),
]
Driver = Annotated[
    str | None,
    typer.Option(envvar="RECARGA_DRIVER", help="Who drives; else whom the token names, or your login name."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the API's own objects as JSON, one a line.")]
Deadline = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=1, max=600, help="How long it is asked again while nobody decides; 20."),
]
Key = Annotated[
    str | None,
    typer.Option(help="Idempotency-Key: the same one asks for the same again, with one effect; else a new one."),
]
Language = Annotated[
    str | None, typer.Option(envvar="RECARGA_LANGUAGE", help="en or pt; else as LANG says.", metavar="en|pt")
]


@dataclass(slots=True)
class Settings:
    """Where the network is, and who asks. Options before a subcommand hold where it says nothing itself."""

    nodes: list[str] = field(default_factory=list)
    token_file: Path | None = None
    driver: str | None = None
    deadline_s: float | None = None
    language: str | None = None
    json: bool = False

    def over(self, before: "Settings | None") -> "Settings":
        """Return these settings, filled with what was said before."""
        if before is None:
            return self
        return Settings(
            self.nodes or before.nodes,
            self.token_file or before.token_file,
            self.driver or before.driver,
            self.deadline_s or before.deadline_s,
            self.language or before.language,
            self.json or before.json,
        )

    def token(self) -> str | None:
        """Return the token. Raises ``BadInput``, without what was read."""
        if self.token_file is not None:
            try:
                text = self.token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise BadInput(
                    f"--token-file {self.token_file}: {getattr(error, 'strerror', None) or error}"
                ) from error
            source = f"--token-file {self.token_file}"
        else:
            text, source = os.environ.get("RECARGA_TOKEN", "").strip(), "RECARGA_TOKEN"
        if not text:
            if self.token_file is not None:
                raise BadInput(f"{source}: it is empty")
            return None
        if len(text) > _TOKEN_CHARS_MAX or not text.isascii() or not text.isprintable() or " " in text:
            raise BadInput(f"{source}: that is no token")
        return text
