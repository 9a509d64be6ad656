"""The arguments of `python -m index`: its commands, what each reads, and from where.

Places are paths, and addresses of the web. Raised is ArgumentTypeError, which quotes what cannot be
read.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.build.backup import REPLACE
from index.build.removal import FORCE
from index.settings import DATA_HELP, Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def parser_of(settings: Settings, about: str | None) -> argparse.ArgumentParser:
    """The parser of `python -m index`, whose `command` is the one that was named.

    Its defaults are the settings'. `about` says what the commands are for.
    """
    parser = argparse.ArgumentParser(prog="python -m index", description=about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        type=Path,
        default=settings.data,
        help=f"{DATA_HELP} (default: %(default)s)",
    )
    _add_builds(commands, common, settings)
    _add_removals(commands, [common])
    _add_copies(commands, [common])
    status = commands.add_parser("status", parents=[common], help="counts, model, size on disk")
    status.add_argument("--json", action="store_true", help="for programs")
    status.add_argument(
        "--undated", action="store_true", help="list the articles without a date instead"
    )
    commands.add_parser("verify", parents=[common], help="check every checksum, count and span")
    return parser


def _add_builds(commands: "Commands", common: argparse.ArgumentParser, settings: Settings) -> None:
    building = commands.add_parser(
        "build",
        parents=[common, _reading(settings, path, "folder or file")],
        help="read, split, embed, write what is new or changed",
    )
    building.add_argument("--json", action="store_true", help="a line for each step, for programs")
    watching = commands.add_parser(
        "watch",
        parents=[common, _reading(settings, place, "folder, file, or address with https://")],
        help="build now, and whenever the sources change",
    )
    watching.add_argument(
        "--every",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how often to look where the system tells of no changes (default: %(default)s)",
    )
    watching.add_argument(
        "--fetch-every",
        type=_seconds,
        default=900.0,
        metavar="SECONDS",
        help="how often to fetch what is at addresses (default: %(default)s)",
    )
    watching.add_argument(
        "--own-hosts",
        action="store_true",
        help="the hosts of the addresses may be in networks that are not public",
    )


def _add_removals(commands: "Commands", parents: list[argparse.ArgumentParser]) -> None:
    removing = commands.add_parser(
        "remove", parents=parents, help="take articles out, and keep builds from adding them"
    )
    removing.add_argument("ids", nargs="+", metavar="ID", help="an article's id")
    restoring = commands.add_parser(
        "restore", parents=parents, help="put a backup back, or let builds add what was removed"
    )
    restoring.add_argument(
        "restored", nargs="+", metavar="FROM|ID", help="a backup's folder, or ids of articles"
    )
    restoring.add_argument(REPLACE, action="store_true", help="even where there is an archive")


def _add_copies(commands: "Commands", parents: list[argparse.ArgumentParser]) -> None:
    backing = commands.add_parser(
        "backup", parents=parents, help="copy index and owner's files, and check the copy"
    )
    backing.add_argument("target", type=Path, metavar="TO", help="a folder that is empty or new")
    backing.add_argument(REPLACE, action="store_true", help="even where there is a backup")
    copying = commands.add_parser("copy", help="the same index in another place, of any kind")
    copying.add_argument("source", type=Path, metavar="FROM", help="where the index is")
    copying.add_argument("target", type=Path, metavar="TO", help="where there is none")
    switching = commands.add_parser(
        "switch", help="let servers of an archive in Milvus answer from another, at once"
    )
    switching.add_argument("data", type=Path, metavar="ARCHIVE", help="what servers are given")
    switching.add_argument("other", type=Path, metavar="OTHER", help="what they shall answer from")


def _reading(
    settings: Settings, source: Callable[[str], Path | str], known: str
) -> argparse.ArgumentParser:
    """What is read, and how."""
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("sources", nargs="+", type=source, metavar="SOURCE", help=known)
    reading.add_argument(
        "--prune", action="store_true", help="remove articles whose source is gone"
    )
    reading.add_argument(
        FORCE,
        dest="prune",
        action="store_const",
        const="force",
        help="the same, even where more than half of a source is gone",
    )
    reading.add_argument(
        "--map",
        default=settings.map,
        metavar="OURS=THEIRS,…",
        help="keys of JSON, columns of tables: title=headline,text=body.html",
    )
    reading.add_argument(
        "--ray",
        type=_processes,
        metavar="N",
        help="read and encode in N processes of Ray, on the machines of RAY_ADDRESS if it is set",
    )
    reading.add_argument(
        "--follow-links", action="store_true", help="read files that links in a source lead to"
    )
    return reading


def _seconds(value: str) -> float:
    return float(_at_least_one(value, "seconds"))


def _processes(value: str) -> int:
    return _at_least_one(value, "processes")


def _at_least_one(value: str, counted: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no number of {counted}: give 1 or more")
    return int(value)


def place(value: str) -> Path | str:
    """A path, or an address as it is."""
    if not value.startswith(("http://", "https://")):
        return Path(value)
    if not host_of(value):
        raise argparse.ArgumentTypeError(f"{value!r} names no host: give https://HOST/…")
    return value


def host_of(address: str) -> str:
    """The host that an address names; empty if it names none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def path(value: str) -> Path:
    """A path, and no address."""
    found = place(value)
    if isinstance(found, str):
        raise argparse.ArgumentTypeError(f"{value!r} is an address: name it to `watch`")
    return found
