"""Serve Footnote: settings, the index, the faces. `python app.py --help` tells the options."""

import argparse
import asyncio
import gc
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import BuildError, FootnoteError, told
from index.settings import DATA_HELP, PASSWORD, WORKERS_HELP, Settings, scheme_of
from index.store import published_stamp
from index.store.base import get_in_by
from qa.web.workers.supervisor import read_workers

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from index.embed import Model
    from index.encoders import ModelEncoder
    from qa.live import LiveIndex
    from qa.read.reading import Reader
    from qa.suggest import Sources
    from qa.understand.query import QueryEncoder
    from qa.web.guard.policy import Policy
    from qa.web.protocols import About
    from qa.web.push.service import Pushes
    from qa.web.workers.worker import Worker

HERE = Path(__file__).parent
SAMPLE_ARCHIVE = HERE / "articles"
BUILD = (sys.executable, "-P", "-m", "index", "build")
# Read by gradio when it is imported: without it the server looks up hosts of gradio's makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted, and return the exit code."""
    try:
        settings = _read(arguments)
        count = read_workers(settings)
        # Not for `--help`, nor for what is wrong with a setting: it takes a moment to import.
        from qa.web.serving import listen

        with ExitStack() as closing:
            listening = [closing.enter_context(each) for each in listen(settings, count)]
            return _serve(settings, listening) if count == 1 else _share(settings, listening)
    except (FootnoteError, OSError) as error:
        print(f"error: {told(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _read(arguments: Sequence[str]) -> Settings:
    settings = Settings.from_environment(os.environ)
    get_in_by(settings.milvus_access)
    parser = argparse.ArgumentParser(prog="python app.py", description=__doc__)
    parser.add_argument("--data", type=Path, default=settings.data, help=DATA_HELP)
    parser.add_argument("--host", default=settings.host, help="address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=settings.port, help="(default: %(default)s)")
    parser.add_argument("--workers", default=settings.workers, help=WORKERS_HELP)
    options = parser.parse_args(arguments)
    return replace(
        settings,
        data=options.data,
        host=options.host,
        port=options.port,
        workers=options.workers,
    )


def _serve(settings: Settings, listening: list[socket.socket]) -> int:
    # Before anything is loaded: what is wrong with a setting is told at once.
    from qa.web.guard.connections import waiting_room
    from qa.web.guard.policy import read_policy
    from qa.web.serving import address_of, serve

    policy = read_policy(settings)
    _log_lines()
    with ExitStack() as closing:
        with waiting_room(listening[0]):
            app = compose(settings, policy, closing)
        address = f"{address_of(settings, listening[0])}{policy.base_path}"
        serve(app, listening, lambda _: _tell(address))
    return 0


def _share(settings: Settings, listening: list[socket.socket]) -> int:
    """Serve with a worker for each socket."""
    from qa.web.guard.connections import waiting_room
    from qa.web.guard.policy import read_policy
    from qa.web.workers.worker import common_folder

    policy = read_policy(settings)
    with common_folder() as folder:
        # Read when the library is imported, which writing the log does.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _log_lines()
        with ExitStack() as waiting:
            for each in listening:
                waiting.enter_context(waiting_room(each))
            models = _load(settings)
        # The threads of the waiting rooms have ended: none is torn in two by a fork.
        return _supervise(settings, policy, models, listening, Path(folder))


def _supervise(
    settings: Settings,
    policy: "Policy",
    models: "Models",
    listening: list[socket.socket],
    folder: Path,
) -> int:
    from prometheus_client.multiprocess import mark_process_dead

    from qa.web.serving import address_of, serve
    from qa.web.workers.supervisor import Supervisor
    from qa.web.workers.worker import Worker, listen_at_doors

    first = Worker.first(len(listening), folder)
    doors = listen_at_doors(first)

    def work(number: int, link: socket.socket) -> None:
        worker = first.of(number)
        worker.begin()
        try:
            with ExitStack() as closing:
                app = compose(settings, policy, closing, models, worker)
                serve(app, [listening[number], doors[number]], partial(_join, link))
        except (FootnoteError, OSError) as error:
            print(f"error: {told(error)}", file=sys.stderr)
            sys.exit(1)

    def ended(_: int, process: int) -> None:
        mark_process_dead(process, str(folder))

    gc.collect()
    # What is loaded is shared for as long as nobody writes to it, were it only to look through it.
    gc.freeze()
    address = f"{address_of(settings, listening[0])}{policy.base_path}"
    return Supervisor(len(listening), work, ended).run(lambda: _tell(address))


def _join(link: socket.socket, server: "uvicorn.Server") -> None:
    """Tell that a worker serves, and whenever it is asked; where nobody is left to ask, it ends."""
    from qa.web.workers.supervisor import READY, answers

    loop = asyncio.get_running_loop()

    def answer_or_end() -> None:
        if not answers(link):
            loop.remove_reader(link)
            server.should_exit = True

    loop.add_reader(link, answer_or_end)
    link.send(READY)


def _tell(address: str) -> None:
    """Once questions can be asked, as the last line."""
    print(f"Footnote is running at {address}", flush=True)


def _log_lines() -> None:
    from qa.web.metrics import JsonLines

    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("qa").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Models:
    """What is large, and the same for every worker."""

    encoder: "ModelEncoder"
    reader: "Reader | None"


def _load(settings: Settings) -> Models:
    """Load what workers can share, before they are forked.

    Not what begins threads, as torch does: these would be missing in a worker.
    """
    from qa.web.admin import sessions_of

    # What is wrong with the password is told before anything is built.
    sessions_of(settings)
    import qa.live
    import qa.web.app  # noqa: F401
    from qa.understand.forms import usual_forms
    from qa.understand.language import load_languages
    from qa.understand.lexicon import english

    models = _models(settings)
    models.encoder.load_graph()
    for load in (load_languages, english, usual_forms):
        load()
    return models


def _models(settings: Settings) -> Models:
    from index.encoders import ModelEncoder
    from qa.read.loading import load_reader

    if scheme_of(settings.data) is None and published_stamp(settings.data) is None:
        _build_sample(settings)
    encoder = ModelEncoder(settings.data, settings.model)
    return Models(encoder, load_reader(settings.reader, settings.data))


def compose(
    settings: Settings,
    policy: "Policy",
    closing: ExitStack,
    models: Models | None = None,
    worker: "Worker | None" = None,
) -> "FastAPI":
    """Open the index and compose the faces; `closing` closes what they keep open."""
    from index.build.withheld import was_removed
    from qa.suggest import FirstQuestions, Suggester
    from qa.web.admin import folders_of, open_owner, sessions_of
    from qa.web.admin.builds import BuildCommand
    from qa.web.app import create_app
    from qa.web.follow_up import FollowUp
    from qa.web.workers.counts import SharedRefusals
    from qa.web.workers.worker import OWNERS

    # What is wrong with the password is told before anything is built.
    sessions = sessions_of(settings)
    models = models or _models(settings)
    encoder = models.encoder
    live = _watched(settings, models)
    suggester = Suggester(live.ask, _sources(settings, live))
    command = BuildCommand(BUILD, _builder(settings), settings.data, folders_of(settings))
    owner = open_owner(
        settings,
        sessions,
        command,
        lambda: live.whole,
        encoder.encode_queries,
        policy.origins,
        SharedRefusals(worker.counts) if worker else None,
    )
    closing.callback(owner.journal.close)
    counts_kept = worker is None or worker.number == OWNERS
    pushes = _pushes(settings, live, encoder, closing, counts_kept=counts_kept)
    return create_app(
        asks=live,
        articles=live,
        examples=FirstQuestions(suggester),
        about=partial(_about, live, settings),
        follow_up=FollowUp(live.days, suggester),
        owner=owner,
        policy=policy,
        searches=live,
        match=live.match,
        pushes=pushes,
        worker=worker,
        is_withdrawn=partial(was_removed, settings.data),
    )


def _watched(settings: Settings, models: Models) -> "LiveIndex":
    """The index, opened anew after each build."""
    from qa.access import Snippets
    from qa.live import LiveIndex
    from qa.rank.batching import SharedEncoder
    from qa.rank.rerank import load_reranker

    reranker = load_reranker(settings.reranker)
    live = LiveIndex(
        settings.data,
        SharedEncoder(models.encoder),
        models.encoder.model,
        reranker,
        settings.strictness,
        models.reader,
        settings.date_order,
        Snippets(settings.snippet),
        partial(_encoder_of, settings.data) if scheme_of(settings.data) else None,
    )
    live.watch()
    return live


def _encoder_of(data: Path, model: "Model") -> "QueryEncoder":
    """What encodes questions for an index that another model made, loaded while the old answers."""
    from index.encoders import encoder_of
    from index.store import refuse_other_model
    from qa.rank.batching import SharedEncoder

    encoder = encoder_of(data, model)
    refuse_other_model(data, model, encoder.model)
    return SharedEncoder(encoder)


def _pushes(
    settings: Settings,
    live: "LiveIndex",
    encoder: "ModelEncoder",
    closing: ExitStack,
    *,
    counts_kept: bool,
) -> "Pushes | None":
    """What programs add articles with, if a key lets them."""
    from qa.web.push.service import Pushes

    if not settings.push_keys:
        return None
    pushes = Pushes(settings.data, lambda: live.whole, encoder, counts_kept=counts_kept)
    pushes.start()
    closing.callback(pushes.close)
    return pushes


def _about(live: "LiveIndex", settings: Settings) -> "About":
    """What is searched now."""
    from index.build.fetched import unfetched_addresses
    from qa.web.protocols import About

    store = live.store
    info = store.info
    return About(
        info.counts.articles,
        info.newest,
        tuple(store.sources()),
        info.counts.passages,
        info.bytes,
        len(unfetched_addresses(settings.data)),
        settings.stale_after,
    )


def _sources(settings: Settings, live: "LiveIndex") -> "Sources":
    """Where suggested questions come from."""
    from index.build.lists import FIRST_QUESTIONS
    from qa.suggest import Sources
    from qa.web.admin import asked_by_readers

    return Sources(
        generation=lambda: live.store.info.generation,
        article=live.article,
        owner=partial(FIRST_QUESTIONS.read, settings.data),
        readers=partial(asked_by_readers, settings),
        titles=lambda: live.store.titles(),
        search=live.search,
    )


def _build_sample(settings: Settings) -> None:
    """In a process of its own: what a first build imports is not for a server to keep."""
    print(f"no index in {settings.data}: building the one of the sample archive", flush=True)
    command = [*BUILD, str(SAMPLE_ARCHIVE), "--data", str(settings.data)]
    built = subprocess.run(command, env=_builder(settings), check=False)
    if built.returncode:
        raise BuildError("the sample archive could not be built: fix the error above")


def _builder(settings: Settings) -> dict[str, str]:
    """What a build has for its environment, which the owner's password is no part of."""
    # Started where this one was: a folder, of the model or the data, then means the same to both.
    path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"FOOTNOTE_MODEL": settings.model, "PYTHONPATH": path}
    return {name: environment[name] for name in environment if name != PASSWORD}


if __name__ == "__main__":
    # Where it is installed, Gradio imports it at each worker's first event; nothing here draws.
    sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]
    sys.exit(main(sys.argv[1:]))
