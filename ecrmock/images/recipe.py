"""How an image is to be built: the options of `aws.images.push`, checked before anything starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final, Literal, NamedTuple, get_args

from ecrmock.core.digest import is_sha256
from ecrmock.core.errors import UsageError
from ecrmock.ecr.manifests import MAX_LAYERS

Media = Literal["oci", "docker"]
LayerContent = bytes | Mapping[str, bytes]
"""A layer: its finished blob, or the files that it holds by their paths."""

CREATED: Final = datetime(2024, 1, 1, tzinfo=timezone.utc)
"""When images were made unless something else is asked for; fixed, so that digests are."""
MAX_BYTES: Final = 52_000 * 1024 * 1024
"""Source: ECR user guide, service quotas: the size of a layer."""

_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*")
_VARIANT: Final = re.compile(r"[a-z0-9.]+")
_SYSTEMS: Final = (
    *("aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux"),
    *("netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows"),
)
_ARCHITECTURES: Final = (
    *("386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle"),
    *("ppc64", "ppc64le", "riscv64", "s390x", "wasm"),
)
"""Source: OCI image specification, platform: the values that Go lists for GOOS and GOARCH."""


class Platform(NamedTuple):
    """An operating system and a processor, as OCI descriptors and configurations name them."""

    os: str
    architecture: str
    variant: str | None = None

    def __str__(self) -> str:
        """Return `os/architecture`, with the variant where there is one."""
        return "/".join(part for part in self if part)

    def document(self) -> dict[str, str]:
        """Return the members of a descriptor's `platform`, and of a configuration."""
        found = {"architecture": self.architecture, "os": self.os}
        return found if self.variant is None else {**found, "variant": self.variant}


@dataclass(slots=True, frozen=True, kw_only=True)
class Recipe:
    """The options of one image, checked. What they mean stands at `Images.push`."""

    layers: int | Sequence[LayerContent] = 1
    platforms: Sequence[str] = ("linux/amd64",)
    media: Media = "oci"
    created: datetime = CREATED
    labels: Mapping[str, str] | None = None
    env: Mapping[str, str] | Sequence[str] | None = None
    cmd: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    annotations: Mapping[str, str] | None = None
    artifact_type: str | None = None
    subject: str | None = None
    size_bytes: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be built, and say what can.

        Raises:
            UsageError: an option has a value that it cannot have, or does not go with another.
        """
        for name, accepts, wanted in _KINDS:
            value = getattr(self, name)
            is_left_out = value is None and name not in _NEEDED
            if not is_left_out and not accepts(value):
                raise UsageError(f"{name} is {_short(value)}; give {wanted}")
        names = [str(platform) for platform in self.parsed_platforms]
        if len(set(names)) != len(names):
            raise UsageError(f"platforms is {list(self.platforms)}; give each platform once")
        if not isinstance(self.layers, int):
            for content in self.layers:
                _check_content(content)
        self._check_pairs()

    @property
    def parsed_platforms(self) -> list[Platform]:
        """The platforms in parts; raises UsageError for one that is none."""
        return [_parse_platform(text) for text in self.platforms]

    @property
    def environment(self) -> list[str]:
        """The variables that were asked for, as `NAME=value`."""
        if isinstance(self.env, Mapping):
            return [f"{name}={value}" for name, value in self.env.items()]
        return list(self.env or ())

    @property
    def created_text(self) -> str:
        """The moment `created` as JSON documents say it: RFC 3339, UTC."""
        return self._created.isoformat().replace("+00:00", "Z")

    @property
    def created_seconds(self) -> int:
        """The moment `created` as archives say it: whole seconds since the epoch."""
        return int(self._created.timestamp())

    @property
    def _created(self) -> datetime:
        is_naive = self.created.tzinfo is None
        moment = self.created.replace(tzinfo=timezone.utc) if is_naive else self.created
        return moment.astimezone(timezone.utc)

    def _check_pairs(self) -> None:
        """Refuse options that do not go together.

        Raises:
            UsageError: see the texts.
        """
        is_counted = isinstance(self.layers, int) and self.layers > 0
        pairs = (
            ("media='docker'", self.media == "docker", ("annotations", "artifact_type", "subject")),
            ("artifact_type", self.artifact_type, ("labels", "env", "cmd", "entrypoint")),
            (f"layers={_short(self.layers)}", not is_counted, ("size_bytes",)),
        )
        for one, is_given, others in pairs:
            clashing = [name for name in others if getattr(self, name) is not None]
            if is_given and clashing:
                raise UsageError(f"{clashing[0]} does not go with {one}: {_REASONS[clashing[0]]}")
        if self.artifact_type is not None and len(self.platforms) > 1:
            raise UsageError("an artifact (artifact_type) is for no platform; give one or none")


_REASONS: Final = dict.fromkeys(
    ("annotations", "artifact_type", "subject"), "only OCI manifests have one; use media='oci'"
) | {
    **dict.fromkeys(
        ("labels", "env", "cmd", "entrypoint"), "an artifact has no configuration; use annotations"
    ),
    "size_bytes": "it makes the first of a number of layers large; give layers=1 or more",
}


def _is_texts(value: Any) -> bool:
    return _is_list(value) and all(isinstance(each, str) for each in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _is_pairs(value: Any) -> bool:
    return isinstance(value, Mapping) and _is_texts([*value, *value.values()])


def _is_env(value: Any) -> bool:
    return _is_pairs(value) or (_is_texts(value) and all("=" in each for each in value))


def _is_layers(value: Any) -> bool:
    return (type(value) is int and 0 <= value <= MAX_LAYERS) or _is_list(value)


_NEEDED: Final = ("layers", "platforms", "media", "created")
_PAIRS: Final = "a dict of texts"
_WORDS: Final = "a list of texts, for example ['python', 'app.py']"
_KINDS: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    # an option, what it accepts, and how that is said
    ("layers", _is_layers, f"a number from 0 to {MAX_LAYERS}, or a list of contents"),
    (
        "platforms",
        lambda v: _is_texts(v) and len(v) > 0,
        "a list, for example ['linux/amd64', 'linux/arm64']",
    ),
    ("media", lambda v: v in get_args(Media), "'oci' or 'docker'"),
    ("created", lambda v: isinstance(v, datetime), "a datetime; naive ones count as UTC"),
    ("labels", _is_pairs, _PAIRS),
    ("env", _is_env, "a dict of texts, or a list of 'NAME=value'"),
    ("cmd", _is_texts, _WORDS),
    ("entrypoint", _is_texts, _WORDS),
    ("annotations", _is_pairs, _PAIRS),
    (
        "artifact_type",
        lambda v: isinstance(v, str) and _MEDIA_TYPE.fullmatch(v) is not None,
        "a media type, for example 'application/spdx+json'",
    ),
    (
        "subject",
        lambda v: isinstance(v, str) and is_sha256(v),
        "the digest of an image of this repository: 'sha256:' and 64 hexadecimal digits",
    ),
    (
        "size_bytes",
        lambda v: type(v) is int and 1 <= v <= MAX_BYTES,
        f"a whole number from 1 to {MAX_BYTES}",
    ),
)


def _parse_platform(text: str) -> Platform:
    system, _, rest = text.partition("/")
    architecture, slash, variant = rest.partition("/")
    is_variant = _VARIANT.fullmatch(variant) is not None
    if system not in _SYSTEMS or architecture not in _ARCHITECTURES or is_variant != bool(slash):
        raise UsageError(
            f"platforms has {text!r}; give 'os/architecture' or 'os/architecture/variant', with "
            f"os one of {', '.join(_SYSTEMS)} and architecture one of {', '.join(_ARCHITECTURES)}"
        )
    return Platform(system, architecture, variant or None)


def _check_content(content: Any) -> None:
    """Refuse what cannot be made a layer.

    Raises:
        UsageError: see the texts.
    """
    if isinstance(content, bytes):
        if not content:
            raise UsageError("layers has an empty blob, which ECR does not take; give bytes in it")
        return
    if not isinstance(content, Mapping):
        raise UsageError(
            f"layers has {_short(content)}; give the bytes of a finished layer, or a dict of "
            f"path and content such as {{'app/main.py': b'...'}}"
        )
    for path, data in content.items():
        if not isinstance(path, str) or not _is_path(path) or not isinstance(data, bytes):
            raise UsageError(
                f"layers has a file {_short(path)} with {_short(data)}; give a path below the root "
                f"such as 'app/main.py', and bytes"
            )
    paths = {path.strip("/") for path in content}
    for path in sorted(paths):
        above = [at for at in range(len(path)) if path[at] == "/" and path[:at] in paths]
        if above:
            raise UsageError(
                f"layers has {path[: above[0]]!r} as a file and as a folder of {path!r}"
            )


def _is_path(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    parts = path.removeprefix("/").split("/")
    return "\0" not in path and not {"", ".", ".."}.intersection(parts)


def _short(value: Any) -> str:
    """Show a value in an error, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


_SHOWN: Final = 100
