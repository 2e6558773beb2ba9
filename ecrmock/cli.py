"""Floor 10: the command line, `ecrmock`."""

from __future__ import annotations

import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

try:
    import click
except ImportError:  # the library itself does without
    sys.exit("the ecrmock command needs the extra 'server': pip install 'ecrmock[server]'")

from ecrmock import __version__
from ecrmock.core.clock import MODES
from ecrmock.core.errors import EcrmockError
from ecrmock.handle import Aws
from ecrmock.options import Options
from ecrmock.server import URI_STYLES
from ecrmock.world import DEFAULT_ACCOUNT, DEFAULT_REGION

if TYPE_CHECKING:
    from ecrmock.server.app import Application

_LAYOUT: Final = Path("fixtures/images/web-app")
_PORT: Final = 4577


@click.group(help="An in-memory AWS for tests of code that talks to Amazon ECR and Amazon ECS.")
@click.version_option(__version__, prog_name="ecrmock")
def cli() -> None:
    """Collect the commands."""


@cli.command()
@click.option(
    "--image",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_LAYOUT,
    show_default=True,
    help="An OCI image layout with one image or index.",
)
def demo(image: Path) -> None:
    """Push a real image into a served world, pull it back, and be refused."""
    from ecrmock import demo as story

    try:
        story.tell(image, click.echo)
    except EcrmockError as error:
        raise click.ClickException(str(error)) from error


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=_PORT, show_default=True, help="0 for one that is free.")
@click.option(
    "--region", "region_name", default=DEFAULT_REGION, show_default=True, help="The default region."
)
@click.option(
    "--account-id", default=DEFAULT_ACCOUNT, show_default=True, help="The default account."
)
@click.option(
    "--time",
    type=click.Choice(MODES),
    default="real",
    show_default=True,
    help="Whose clock the world goes by.",
)
@click.option("--rate", default=1.0, show_default=True, help="Multiplies delays in real time.")
@click.option("--now", type=click.DateTime(), help="Where the clock begins, UTC.")
@click.option("--seed", default=0, show_default=True, help="Where ids and chance begin.")
@click.option("--page-size", type=int, help="The most items on a page of any list.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a certificate made for the occasion.")
@click.option("--cert", type=click.Path(path_type=Path), help="Serve HTTPS with this certificate.")
@click.option("--key", type=click.Path(path_type=Path), help="The key of the certificate.")
@click.option(
    "--uri-style",
    type=click.Choice(URI_STYLES),
    default="localhost",
    show_default=True,
    help="How repositories are named: by the host of the caller, or as AWS does.",
)
def serve(
    *,
    host: str,
    port: int,
    tls: bool,
    cert: Path | None,
    key: Path | None,
    uri_style: str,
    **world: Any,
) -> None:
    """Serve the API and the registry until interrupted."""
    from ecrmock.server import certificates, engine, listener

    try:
        options = Options(**world)
        certificate = certificates.choose(tls=tls, cert=cert, key=key)
        if certificate is not None:
            certificate.context()  # so that files that cannot be used are an error here
        port = engine.free_port(host, port)
        authority = None if certificate is None else certificate.authority
        scheme = "http" if certificate is None else "https"
        url = f"{scheme}://{listener.authority(host, port)}"
        engine.run(
            partial(_load, options, uri_style),
            host,
            port,
            certificate,
            partial(_print_settings, url, options.region_name, authority),
        )
    except EcrmockError as error:
        raise click.ClickException(str(error)) from error


def _load(options: Options, uri_style: str) -> Application:
    """Make the application, in the process that serves."""
    from ecrmock.server import ticker
    from ecrmock.server.app import Application

    aws = Aws(options)
    if options.time == "real":
        ticker.start(aws)
    return Application(aws, uri_style=uri_style, report=traceback.print_exception)


def _print_settings(url: str, region: str, authority: Path | None) -> None:
    """Print what a shell needs in order to reach the server, ready to paste."""
    settings = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_ECR": url,
        "AWS_ENDPOINT_URL_ECS": url,
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_ACCESS_KEY_ID": "ecrmock",
        "AWS_SECRET_ACCESS_KEY": "ecrmock",
        "AWS_DEFAULT_REGION": region,
    }
    if authority is not None:
        settings["AWS_CA_BUNDLE"] = str(authority)
    for name, value in settings.items():
        click.echo(f"export {name}={value}")
    login = f"aws ecr get-login-password | docker login -u AWS --password-stdin {url}"
    click.echo(f"# {login}\n# interrupt to stop")
    sys.stdout.flush()


def main() -> None:
    """Run the command line."""
    cli(prog_name="ecrmock")
