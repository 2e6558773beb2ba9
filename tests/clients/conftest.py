"""What the tests of real client programs share: the programs, a home of their own, a server.

`ECRMOCK_REQUIRE_CLIENTS`, if it is set, says that a program that is missing fails its tests
instead of skipping them.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from ecrmock import Server

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999988887777"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MOST_SECONDS = 60

# The system's programs come first: before them may stand the shim of a version manager, which
# needs the real home.
SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
ASKED_FOR_ITS_VERSION = {"docker-credential-ecr-login": "-v"}

ANY_SIGNATURE = {"default": [{"type": "insecureAcceptAnything"}]}
PLAIN_HTTP = '[[registry]]\nlocation = "{}"\ninsecure = true\n'


# ----------------------------------------------------------------------------- programs


def environment(home: Path) -> dict[str, str]:
    """Return all that a program is told of the world: nothing of the user's proxies and keys."""
    return {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "unused",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": ":".join(SYSTEM),
        "REGISTRY_AUTH_FILE": str(home / "auth.json"),
        "TMPDIR": str(home / "tmp"),
        "XDG_RUNTIME_DIR": str(home / "tmp"),
    }


@functools.cache
def find(name: str) -> str | None:
    """Return the first program of that name that can tell its version."""
    nowhere = Path("/nonexistent")
    for folder in dict.fromkeys((*SYSTEM, *os.environ.get("PATH", "").split(":"))):
        path = shutil.which(name, path=folder)
        if path is None:
            continue
        asked = [path, ASKED_FOR_ITS_VERSION.get(name, "--version")]
        answer = subprocess.run(
            asked, env=environment(nowhere), capture_output=True, check=False, timeout=MOST_SECONDS
        )
        if answer.returncode == 0:
            return path
    return None


def give_up(reason: str) -> NoReturn:
    """Skip the test, or fail it where nothing may be missing."""
    if os.environ.get("ECRMOCK_REQUIRE_CLIENTS"):
        pytest.fail(f"{reason}, and ECRMOCK_REQUIRE_CLIENTS is set")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def missing():
    return give_up


@pytest.fixture(scope="session")
def program():
    """Return the path of a program, by name; an *optional* one may be missing anywhere."""

    def program(name: str, *, optional: bool = False) -> str:
        path = find(name)
        if path is not None:
            return path
        reason = f"{name} is not installed here, or does not run"
        if optional:
            pytest.skip(reason)
        give_up(reason)

    return program


@pytest.fixture(scope="session")
def unshare(program) -> list[str]:
    """The beginning of a command that runs in a mount namespace of its own.

    Containers are often refused one, and no package helps there: its tests are skipped anywhere.
    """
    start = [program("unshare"), "--mount"]
    asked = [*start, "mount", "--bind", "/etc/hosts", "/etc/hosts"]
    tried = subprocess.run(asked, capture_output=True, check=False, text=True)
    if tried.returncode != 0:
        pytest.skip(f"unshare --mount is refused here: {tried.stderr.strip()}")
    return start


@pytest.fixture
def home(tmp_path) -> Path:
    """The home of the programs: nobody is logged in, and images need no signatures."""
    home = tmp_path / "home"
    settings = home / ".config" / "containers"
    settings.mkdir(parents=True)
    (home / "tmp").mkdir()
    (home / "auth.json").write_text("{}")
    (settings / "policy.json").write_text(json.dumps(ANY_SIGNATURE))
    return home


@pytest.fixture
def run(home):
    """Run a program to its end in the private environment; another end than expected fails.

    With `fails=None` any end will do.
    """

    def run(argv, *, env=None, input=None, fails=False, seconds=MOST_SECONDS):
        argv = [str(each) for each in argv]
        settings = environment(home)
        settings["PATH"] += f":{Path(argv[0]).parent}"
        try:
            done = subprocess.run(
                argv,
                env=settings | (env or {}),
                cwd=home,
                input=input if input is not None else "",
                capture_output=True,
                check=False,
                text=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as late:
            pytest.fail(f"{shlex.join(argv)}\nran {seconds} s\n{late.stdout!r}\n{late.stderr!r}")
        if fails is not None and fails is not (done.returncode != 0):
            pytest.fail(
                f"{shlex.join(argv)}\nended with {done.returncode}\n"
                f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
            )
        return done

    return run


# ----------------------------------------------------------------------------- the server


@pytest.fixture
def server(home):
    """A server with an empty world, whose plain HTTP the programs accept."""
    with Server() as server:
        settings = home / ".config" / "containers" / "registries.conf"
        settings.write_text(PLAIN_HTTP.format(server.host))
        yield server


class Registry:
    """The registry that is served, with one repository, which is empty."""

    account = ACCOUNT
    other_account = OTHER_ACCOUNT
    repository = "team-a/web-app"

    def __init__(self, server: Server) -> None:
        self.host = server.host
        self.calls = server.aws.calls
        self.clock = server.aws.clock
        self.client = server.client
        self.ecr = server.client("ecr")
        self.create(self.repository)

    def create(self, name: str, *, account_id: str = ACCOUNT) -> None:
        """Create a repository."""
        self.client("ecr", account_id=account_id).create_repository(repositoryName=name)

    def name(self, reference: str = "", repository: str = repository) -> str:
        """Return the name of an image as people write it."""
        return f"{self.host}/{repository}{reference}"

    def at(self, reference: str = "", repository: str = repository) -> str:
        """Return the name of an image as skopeo takes it."""
        return f"docker://{self.name(reference, repository)}"

    def described(self, **parameters) -> dict[str, dict]:
        """Return what DescribeImages shows, by digest."""
        parameters = {"repositoryName": self.repository} | parameters
        account_id = parameters.get("registryId")
        ecr = self.client("ecr", account_id=account_id)
        details = ecr.describe_images(**parameters)["imageDetails"]
        return {detail["imageDigest"]: detail for detail in details}

    def tags(self) -> dict[str, list[str] | None]:
        """Return the tags of each image by digest, None for one that has none."""
        return {digest: each.get("imageTags") for digest, each in self.described().items()}

    def password(self, account_id: str = ACCOUNT) -> str:
        """Return the password of an account's administrator."""
        answer = self.client("ecr", account_id=account_id).get_authorization_token()
        token = answer["authorizationData"][0]["authorizationToken"]
        return base64.b64decode(token).decode().removeprefix("AWS:")

    def credentials(self, account_id: str = ACCOUNT) -> str:
        """Return what `--creds` takes."""
        return f"AWS:{self.password(account_id)}"


@pytest.fixture
def registry(server) -> Registry:
    return Registry(server)


@pytest.fixture
def logged_in(registry, home) -> None:
    """Put the password where the programs look for it."""
    auth = base64.b64encode(registry.credentials().encode()).decode()
    (home / "auth.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))


@pytest.fixture
def skopeo(program, run):
    """Run skopeo and return what it printed; with `fails=True`, what it complained of."""
    path = program("skopeo")

    def skopeo(*arguments, **options) -> str:
        done = run([path, *arguments], **options)
        return done.stderr if options.get("fails") else done.stdout

    return skopeo


# ----------------------------------------------------------------------------- images


class Layout(NamedTuple):
    """An OCI image layout on disk with one image or index of one name."""

    folder: Path
    name: str

    def __str__(self) -> str:
        return f"oci:{self.folder}:{self.name}"

    @property
    def top(self) -> dict:
        """The descriptor of the image or the index."""
        return json.loads((self.folder / "index.json").read_bytes())["manifests"][0]

    @property
    def digest(self) -> str:
        return self.top["digest"]

    @property
    def manifest(self) -> bytes:
        return self.blobs()[self.digest]

    @property
    def document(self) -> dict:
        return json.loads(self.manifest)

    def child(self, architecture: str) -> str:
        """Return the digest of the image of an index for a platform."""
        [found] = [
            child["digest"]
            for child in self.document["manifests"]
            if child["platform"]["architecture"] == architecture
        ]
        return found

    def blobs(self) -> dict[str, bytes]:
        """Return the bytes of all blobs, manifests included, by digest; each is what it says."""
        files = {file.name: file.read_bytes() for file in (self.folder / "blobs/sha256").iterdir()}
        assert all(hashlib.sha256(files[name]).hexdigest() == name for name in files)
        return {f"sha256:{name}": content for name, content in files.items()}


@pytest.fixture(scope="session")
def single() -> Layout:
    """An image of one platform."""
    return Layout(FIXTURES / "images" / "single", "1.0.0")


@pytest.fixture(scope="session")
def web_app() -> Layout:
    """An index of two images."""
    return Layout(FIXTURES / "images" / "web-app", "1.0.0")


@pytest.fixture(params=["single", "web_app"])
def image(request) -> Layout:
    """An image, and then an index."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def fetched(tmp_path) -> Layout:
    """A layout for what a program fetches; the folder is not there yet."""
    return Layout(tmp_path / "fetched", "it")
