"""The command line of writing: build, watch, remove, back up, copy, status, verify."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from index.build import BuildReport, Reads, build, read_here
from index.build.arguments import host_of, parser_of
from index.build.backup import adopt_encoder, copy_archive, transfer
from index.build.fetched import fetched, unfetched_addresses, unfetched_file
from index.build.ledger import in_turn
from index.build.lists import FIRST_QUESTIONS, SYNONYMS
from index.build.owned import owner_faults
from index.build.pipeline import Progress, no_progress
from index.build.removal import remove_articles
from index.build.rules.kept import RULES
from index.build.versions import version_faults
from index.build.withheld import restore
from index.errors import FootnoteError, code_of, finish, printable, told
from index.readers import read_keys
from index.settings import Settings
from index.status import (
    LastBuild,
    ProgressBar,
    dating,
    keep_report,
    progress_lines,
    read_report,
    summary,
    undated,
)
from index.store import MANIFEST, StoreInfo, open_store, switch, verify
from index.store.base import get_in_by

if TYPE_CHECKING:
    from index.embed import Encoder


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    return finish(lambda: _run(arguments), "stopped; the next build reuses what was embedded")


def _run(arguments: Sequence[str]) -> int:
    settings = Settings.from_environment(os.environ)
    get_in_by(settings.milvus_access)
    options = parser_of(settings, __doc__).parse_args(arguments)
    return _COMMANDS[options.command](options, settings)


def _build(options: argparse.Namespace, settings: Settings) -> int:
    if not options.json:
        return _built(options, settings)
    try:
        return _built(options, settings)
    except (FootnoteError, OSError) as error:
        _print_now(json.dumps({"error": {"code": code_of(error), "message": told(error)}}))
        return 1


def _built(options: argparse.Namespace, settings: Settings) -> int:
    run = _build_by(options)
    with _workers(options, settings) as (encoder, reads), _progress(options) as progress:
        report = in_turn(partial(run, options.sources, encoder, reads, progress))
    kept = _keep(report, options.sources, options.data)
    _print_now(json.dumps({"report": asdict(kept)}) if options.json else summary(report))
    return 0


def _progress(options: argparse.Namespace) -> AbstractContextManager[Progress]:
    """For programs or for people."""
    return nullcontext(progress_lines(_print_now)) if options.json else closing(ProgressBar())


def _build_by(
    options: argparse.Namespace,
) -> Callable[[Sequence[Path], "Encoder", Reads, Progress], BuildReport]:
    """What builds as the options say. Raises SettingError for keys that cannot be read."""
    keys = read_keys(options.map)

    def run(
        sources: Sequence[Path], encoder: "Encoder", reads: Reads, progress: Progress
    ) -> BuildReport:
        return build(
            sources,
            options.data,
            encoder,
            progress,
            prune=options.prune,
            keys=keys,
            follow_links=options.follow_links,
            reads=reads,
        )

    return run


@contextmanager
def _workers(options: argparse.Namespace, settings: Settings) -> Iterator[tuple["Encoder", Reads]]:
    """What encodes passages and what reads sources: this process, or several."""
    # Importing the encoders takes a while; the other commands need not wait for it.
    from index.encoders import ModelEncoder

    encoder = ModelEncoder(options.data, settings.model)
    if options.ray is None:
        yield encoder, read_here
        return
    # Ray would tell its makers of each use.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    from index.build.parts import PartsReader
    from index.encoders.distributed import DistributedEncoder, ray_pool

    start = partial(ray_pool, options.ray, options.data, settings.model)
    with closing(DistributedEncoder(encoder, start)) as distributed:
        yield distributed, PartsReader(distributed)


def _watch(options: argparse.Namespace, settings: Settings) -> int:
    from index.build.watching import watch

    run, told = _build_by(options), set[str]()
    addresses = [each for each in options.sources if isinstance(each, str)]
    sources = [each for each in options.sources if isinstance(each, Path)]
    watched = sources
    if addresses:
        sources = [*sources, fetched(options.data)]
        watched = [*sources, unfetched_file(options.data)]

    def rebuild() -> None:
        report = run(sources, encoder, reads, no_progress)
        _keep(report, sources, options.data)
        *odd, read, holds = summary(report).splitlines()
        # What was odd before is not told again.
        for line in (*(each for each in odd if each not in told), read, holds):
            _print_now(line)
        told.update(odd)

    with _workers(options, settings) as (encoder, reads), _visited(addresses, options):
        watch(watched, options.data, rebuild, _print_fault, every=options.every)
    return 0


@contextmanager
def _visited(addresses: Sequence[str], options: argparse.Namespace) -> Iterator[None]:
    """While inside, addresses are visited now and then, if there are any."""
    if not addresses:
        yield
        return
    # What fetches takes a while to import.
    from index.fetch.visits import visiting
    from index.fetch.web import Web

    web = Web(map(host_of, addresses) if options.own_hosts else ())
    _print_now(f"fetching what is at {_addresses(len(addresses))}")
    with visiting(addresses, options.data, web, options.fetch_every, _print_fault):
        yield


def _addresses(count: int) -> str:
    return "1 address" if count == 1 else f"{count} addresses"


def _keep(report: BuildReport, sources: Sequence[Path], data: Path) -> LastBuild:
    """What a build did, and the lists that came with the articles."""
    kept = keep_report(data, report)
    for each in (FIRST_QUESTIONS, SYNONYMS, RULES):
        each.adopt(sources, data)
    return kept


def _print_fault(error: Exception) -> None:
    print(f"error: {told(error)}", file=sys.stderr, flush=True)


def _print_now(line: str) -> None:
    print(line, flush=True)


def _remove(options: argparse.Namespace, settings: Settings) -> int:
    for removed in in_turn(partial(remove_articles, options.data, options.ids)):
        print(f"removed {removed.id}")
    return 0


def _backup(options: argparse.Namespace, settings: Settings) -> int:
    info = transfer(options.data, options.target, replace=options.replace)
    print(f"backed up and checked: {_counts(info)}")
    return 0


def _restore(options: argparse.Namespace, settings: Settings) -> int:
    backup = Path(options.restored[0])
    if len(options.restored) == 1 and (backup / MANIFEST).is_file():
        return _put_back(backup, options)
    return _bring_back(options.restored, options.data)


def _put_back(backup: Path, options: argparse.Namespace) -> int:
    info = transfer(backup, options.data, replace=options.replace)
    print(f"restored and checked: {_counts(info)}")
    return 0


def _counts(info: StoreInfo) -> str:
    return f"{info.counts.articles} articles, {info.counts.passages} passages"


def _bring_back(ids: Sequence[str], data: Path) -> int:
    back = restore(data, ids)
    for restored in back:
        print(f"the next build reads {restored.id} again")
    missing = set(ids) - {restored.id for restored in back}
    for article_id in sorted(missing):
        print(f"error: {article_id!r} was not removed: check the id", file=sys.stderr)
    return 1 if missing else 0


def _copy(options: argparse.Namespace, settings: Settings) -> int:
    from index.encoders import ModelEncoder

    adopt_encoder(options.source, options.target)
    encoder = ModelEncoder(options.target, settings.model)
    with closing(ProgressBar()) as bar:
        info = copy_archive(options.source, options.target, encoder, bar)
    print(f"copied and compared: {_counts(info)}")
    return 0


def _switch(options: argparse.Namespace, settings: Settings) -> int:
    before = switch(options.data, options.other)
    info = open_store(options.data).info
    print(f"switched to {_counts(info)} by {info.model.name}; what it was is {before}")
    return 0


def _status(options: argparse.Namespace, settings: Settings) -> int:
    store, last = open_store(options.data), read_report(options.data)
    if options.undated:
        for each in undated(store):
            print(printable(f"{each.id}  {each.file}"))
        return 0
    info, dated = store.info, dating(store)
    status = {
        "articles": info.counts.articles,
        "passages": info.counts.passages,
        "sentences": info.counts.sentences,
        "model": info.model.name,
        "runs_on": info.runs,
        "dimension": info.model.dimension,
        "newest": info.newest,
        "built_at": info.built_at,
        "bytes": info.bytes,
        "generation": info.generation,
        "read_at": last.read_at if last else None,
        "unfetched": len(unfetched_addresses(options.data)),
        "undated": dated.undated,
        "dated_by": dated.told_by,
    }
    vectors = [{"passages": part.passages, **asdict(part.vectors)} for part in info.parts]
    if options.json:
        print(json.dumps(status | {"vectors": vectors}, ensure_ascii=False))
        return 0
    for name, value in status.items():
        if isinstance(value, dict):
            value = ", ".join(f"{each} {count}" for each, count in value.items())
        print(f"{name:<10} {value}")
    for number, segment in enumerate(vectors, start=1):
        fields = ", ".join(f"{name} {value}" for name, value in segment.items())
        print(f"segment {number:<2} {fields}")
    return 0


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    faults = 0
    faulty = (verify(options.data), owner_faults(options.data), version_faults(options.data))
    for fault in chain.from_iterable(faulty):
        faults += 1
        print(printable(fault), file=sys.stderr)
    if faults:
        return 1
    counts = open_store(options.data).info.counts
    print(
        f"no faults found: {counts.articles} articles, {counts.passages} passages, "
        f"{counts.sentences} sentences"
    )
    return 0


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, Settings], int]] = {
    "build": _build,
    "watch": _watch,
    "remove": _remove,
    "restore": _restore,
    "backup": _backup,
    "copy": _copy,
    "switch": _switch,
    "status": _status,
    "verify": _verify,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
