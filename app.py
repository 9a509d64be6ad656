"""Serve Footnote: settings, the index, the faces. `python app.py --help` tells the options."""

import argparse
import gc
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import BuildError, FootnoteError, SettingError
from index.settings import DATA_HELP, PASSWORD, Settings, scheme_of
from index.store import published_stamp

if TYPE_CHECKING:
    from fastapi import FastAPI

    from index.encoders import ModelEncoder
    from qa.live import LiveIndex
    from qa.suggest import Sources
    from qa.web.guard.policy import Policy
    from qa.web.protocols import About
    from qa.web.push.service import Pushes

HERE = Path(__file__).parent
SAMPLE_ARCHIVE = HERE / "articles"
BUILD = (sys.executable, "-P", "-m", "index", "build")
_MOST_SENDING = 128 * 1024


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted, and return the exit code."""
    try:
        settings = _read(arguments)
        with _listen(settings) as listening:
            return _serve(settings, listening)
    except (FootnoteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _read(arguments: Sequence[str]) -> Settings:
    settings = Settings.from_environment(os.environ)
    parser = argparse.ArgumentParser(prog="python app.py", description=__doc__)
    parser.add_argument("--data", type=Path, default=settings.data, help=DATA_HELP)
    parser.add_argument("--host", default=settings.host, help="address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=settings.port, help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    return replace(settings, data=options.data, host=options.host, port=options.port)


def _listen(settings: Settings) -> socket.socket:
    """Bind before the model is loaded, so that a port in use is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except (OSError, OverflowError) as error:
        raise SettingError(
            f"cannot listen on {settings.host}:{settings.port} ({error}): "
            "choose others with --host and --port"
        ) from None
    # What is accepted inherits it; else an answer's last packet waits until the first is received.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The system would take on megabytes for each client; only what it has not is known as unread.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_SENDING)
    return listening


def _serve(settings: Settings, listening: socket.socket) -> int:
    # Before anything is loaded: what is wrong with a setting is told at once.
    from qa.web.guard.connections import waiting_room
    from qa.web.guard.policy import read_policy

    policy = read_policy(settings)
    _log_lines()
    with ExitStack() as closing:
        with waiting_room(listening):
            app = compose(settings, policy, closing)
        _run(app, listening, f"{_address(settings, listening)}{policy.base_path}")
    return 0


def _log_lines() -> None:
    from qa.web.metrics import JsonLines

    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("qa").setLevel(logging.INFO)


def compose(settings: Settings, policy: "Policy", closing: ExitStack) -> "FastAPI":
    """Open the index and compose the faces; `closing` closes what they keep open."""
    # gradio reads this when it is imported, hence these late imports: without it the server
    # looks up hosts of gradio's makers.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    from index.encoders import ModelEncoder
    from qa.suggest import FirstQuestions, Suggester
    from qa.web.admin import folders_of, open_owner, sessions_of
    from qa.web.admin.builds import BuildCommand
    from qa.web.app import create_app
    from qa.web.follow_up import FollowUp

    # What is wrong with the password is told before anything is built.
    sessions = sessions_of(settings)
    if scheme_of(settings.data) is None and published_stamp(settings.data) is None:
        _build_sample(settings)
    encoder = ModelEncoder(settings.data, settings.model)
    live = _watched(settings, encoder)
    suggester = Suggester(live.ask, _sources(settings, live))
    command = BuildCommand(BUILD, _builder(settings), settings.data, folders_of(settings))
    owner = open_owner(settings, sessions, command, lambda: live.whole, encoder.encode_queries)
    closing.callback(owner.journal.close)
    pushes = _pushes(settings, live, encoder, closing)
    return create_app(
        asks=live,
        articles=live,
        examples=FirstQuestions(suggester),
        about=partial(_about, live),
        follow_up=FollowUp(live.days, suggester),
        owner=owner,
        policy=policy,
        searches=live,
        match=live.match,
        pushes=pushes,
    )


def _watched(settings: Settings, encoder: "ModelEncoder") -> "LiveIndex":
    """The index, opened anew after each build."""
    from qa.access.members import Snippets
    from qa.live import LiveIndex
    from qa.rank.batching import SharedEncoder
    from qa.rank.rerank import load_reranker
    from qa.read.loading import load_reader

    reranker = load_reranker(settings.reranker)
    reader = load_reader(settings.reader, settings.data)
    live = LiveIndex(
        settings.data,
        SharedEncoder(encoder),
        encoder.model,
        reranker,
        settings.strictness,
        reader,
        settings.date_order,
        Snippets(settings.snippet),
    )
    live.watch()
    return live


def _pushes(
    settings: Settings, live: "LiveIndex", encoder: "ModelEncoder", closing: ExitStack
) -> "Pushes | None":
    """What programs add articles with, if a key lets them."""
    from qa.web.push.service import Pushes

    if not settings.push_keys:
        return None
    pushes = Pushes(settings.data, lambda: live.whole, encoder)
    pushes.start()
    closing.callback(pushes.close)
    return pushes


def _about(live: "LiveIndex") -> "About":
    """What is searched now."""
    from qa.web.protocols import About

    store = live.store
    info, sources = store.info, tuple(store.sources())
    return About(info.counts.articles, info.newest, sources, info.counts.passages, info.bytes)


def _sources(settings: Settings, live: "LiveIndex") -> "Sources":
    """Where suggested questions come from."""
    from index.build.first_questions import FIRST_QUESTIONS
    from qa.suggest import Sources
    from qa.web.admin import asked_by_readers

    return Sources(
        generation=lambda: live.store.info.generation,
        article=live.article,
        owner=partial(FIRST_QUESTIONS.read, settings.data),
        readers=partial(asked_by_readers, settings),
        titles=lambda: live.store.titles(),
    )


def _run(app: "FastAPI", listening: socket.socket, address: str) -> None:
    import uvicorn

    from qa.web.guard.connections import PatientProtocol

    class Server(uvicorn.Server):
        """Prints the address once questions can be asked, as the last line."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            # What is loaded stays: looking through it again and again would hold up answers.
            gc.collect()
            gc.freeze()
            print(f"Footnote is running at {address}", flush=True)

    config = uvicorn.Config(
        # Open pages hold a stream: without a limit they would hold up the end for ever.
        app,
        http=PatientProtocol,
        # All is logged by the root logger, a line of JSON each.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # `create_app` reads them, once it knows which proxy sent them.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
    Server(config).run(sockets=[listening])


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


def _address(settings: Settings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
