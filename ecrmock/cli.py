"""Floor 10: the command line, `ecrmock`."""

from __future__ import annotations

import sys
from pathlib import Path

try:
    import click
except ImportError:  # the library itself does without
    sys.exit("the ecrmock command needs the extra 'server': pip install 'ecrmock[server]'")

from ecrmock import __version__
from ecrmock.core.errors import EcrmockError

_LAYOUT = Path("fixtures/images/single")


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
    help="An OCI image layout with one single-platform image.",
)
def demo(image: Path) -> None:
    """Push a real image through the ECR API and tell what happens."""
    from ecrmock import demo as story

    try:
        story.tell(image, click.echo)
    except EcrmockError as error:
        raise click.ClickException(str(error)) from error


def main() -> None:
    """Run the command line."""
    cli(prog_name="ecrmock")
