"""The one way to Milvus: every call is bounded in time, and fails with an error in words.

While Milvus is away, one call at a time tries it again, and all others fail at once.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import grpc
from pymilvus import CollectionSchema, MilvusClient, MilvusException
from pymilvus.client.types import Status
from pymilvus.milvus_client.index import IndexParams

from index.errors import SettingError, StoreError
from index.settings import CERTIFICATES, TOKEN, MilvusAccess, MilvusPlace
from index.store.base import told_access
from index.store.patience import QUESTION_WAITS, Patience, patience_for

Row = Mapping[str, Any]

# In seconds: a question must not wait for longer, a build may.
ASKING, WRITING = QUESTION_WAITS, 120.0
# An attempt to connect is given up so soon, and another made: whoever took it may never answer.
_CONNECTING = 2.0
_MS = int(_CONNECTING * 1000)
_RECONNECTING = {"grpc.min_reconnect_backoff_ms": _MS, "grpc.max_reconnect_backoff_ms": _MS}
# pymilvus pings every 10 s, for which milvus-lite hangs up on a call that lasts longer than some of
# them. In one process there is no network that could be lost.
_NO_PINGS = {"grpc.keepalive_time_ms": 2**31 - 1}
# Inner product everywhere: dense vectors have length one, so that it is their cosine.
METRIC = "IP"
# The primary key of what is searched.
KEY = "key"
# Milvus gives no more at once.
MOST_FOUND = 16_384
_MISSING, _NOT_LOADED = 100, 101
_NOT_REACHED = (grpc.StatusCode.UNAVAILABLE, Status.CONNECT_FAILED)
_NOT_LET_IN = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
# Two who ask a restarted milvus-lite for a collection at once may each load their own.
_LOADINGS = 3

# It logs every error with its traceback; what we raise is told once, in words.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


class Client:
    """A connection of this process, made at the first call and again when it was lost."""

    def __init__(self, place: MilvusPlace, by: MilvusAccess) -> None:
        self._place, self._access = place, by
        self._connecting, self._loading = threading.Lock(), threading.Lock()
        self._connected: MilvusClient | None = None
        self._outage = Outage(self._load_again)
        self._asked_of: set[str] = set()

    def search(
        self,
        collection: str,
        field: str,
        vector: Any,
        limit: int,
        among: str,
        timeout: float = ASKING,
        *,
        fields: Sequence[str] = (),
    ) -> list["Found"]:
        """Up to `limit` rows with these fields, best first; of equals, by key."""
        if limit <= 0:
            return []
        ask = partial(
            MilvusClient.search,
            collection_name=collection,
            data=[vector],
            anns_field=field,
            limit=min(limit, MOST_FOUND),
            filter=among,
            # Of no fields at all, milvus-lite gives every one.
            output_fields=[KEY, *fields],
            search_params={"metric_type": METRIC},
            consistency_level="Bounded",
        )
        [hits] = self._asked(collection, ask, timeout)
        found = [Found(int(hit.id), float(hit.distance), hit["entity"]) for hit in hits]
        return sorted(found, key=lambda each: (-each.product, each.key))

    def query(
        self, collection: str, among: str, fields: Sequence[str], *, is_latest: bool = False
    ) -> list[Row]:
        """The fields of the rows that an expression selects, in no order.

        What is read to build on must be the latest: all that was written, by whomever. Questions
        need not wait for that, as a generation is published when its rows have arrived.
        """
        ask = partial(
            MilvusClient.query,
            collection_name=collection,
            filter=among,
            output_fields=list(fields),
            consistency_level="Strong" if is_latest else "Bounded",
        )
        found: list[Row] = self._asked(collection, ask, WRITING if is_latest else ASKING)
        return found

    def count(self, collection: str, among: str) -> int:
        """How many rows an expression selects."""
        [found] = self.query(collection, among, ["count(*)"], is_latest=True)
        return int(found["count(*)"])

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        """Put rows under their keys, in place of what is there."""
        with self._told(collection) as milvus:
            milvus.upsert(collection, data=list(rows), timeout=WRITING)

    def delete(self, collection: str, among: str) -> None:
        """Delete the rows that an expression selects."""
        with self._told(collection) as milvus:
            milvus.delete(collection, filter=among, timeout=WRITING)

    def settle(self, collection: str) -> None:
        """Put what was written into its index, and load that anew: only then its kind is tried."""
        with self._told(collection) as milvus:
            milvus.flush(collection, timeout=WRITING)
            milvus.load_collection(collection, timeout=WRITING)

    def create(self, collection: str, schema: CollectionSchema, index: IndexParams) -> bool:
        """Make a collection; False if there is one of that name."""
        with self._told(collection) as milvus:
            if milvus.has_collection(collection, timeout=ASKING):
                return False
            try:
                milvus.create_collection(
                    collection, schema=schema, index_params=index, timeout=WRITING
                )
            except MilvusException as error:
                # Of two who make it at the same time, one does.
                if milvus.has_collection(collection, timeout=ASKING):
                    return False
                raise error
        return True

    def drop(self, collection: str) -> None:
        """Delete a collection; it need not be there."""
        with self._told(collection) as milvus:
            milvus.drop_collection(collection, timeout=WRITING)

    def collections(self) -> list[str]:
        """The names of all collections."""
        with self._told("") as milvus:
            names: list[str] = milvus.list_collections(timeout=ASKING)
        return names

    def describe(self, collection: str) -> tuple[str, tuple[str, ...]] | None:
        """The name and the fields of a collection, or of that which an alias means; else None."""
        try:
            with self._told(collection) as milvus:
                found = milvus.describe_collection(collection, timeout=ASKING)
        except MissingError:
            return None
        return found["collection_name"], tuple(each["name"] for each in found["fields"])

    def aliases(self, collection: str) -> list[str]:
        """The aliases that mean this collection."""
        with self._told(collection) as milvus:
            found = milvus.list_aliases(collection, timeout=ASKING)
        return list(found["aliases"])

    def point(self, alias: str, collection: str, *, is_new: bool) -> None:
        """Make an alias mean this collection, in one step."""
        with self._told(collection) as milvus:
            change = milvus.create_alias if is_new else milvus.alter_alias
            change(collection, alias, timeout=WRITING)

    def _asked(self, collection: str, ask: Callable[..., Any], timeout: float) -> Any:
        patience = patience_for(timeout)
        with self._told(collection) as milvus:
            self._asked_of.add(collection)
            asking = partial(self._in_time, patience, timeout, partial(ask, milvus))
            for _ in range(_LOADINGS):
                try:
                    return asking()
                except MilvusException as error:
                    if error.code != _NOT_LOADED:
                        raise
                # After it was started again a server has nothing loaded.
                self._load(milvus, collection)
            return asking()

    def _load(self, milvus: MilvusClient, collection: str) -> None:
        """Load a collection, after whoever loads one. It goes on where a question gives up."""
        patience = patience_for(WRITING)
        if not self._in_time(patience, WRITING, self._loading.acquire):
            raise self._late()
        try:
            self._in_time(patience, WRITING, partial(milvus.load_collection, collection))
        finally:
            self._loading.release()

    def _in_time(self, patience: Patience, timeout: float, call: Callable[..., Any]) -> Any:
        """Call, for as long as the question that it is for still waits."""
        if patience.left <= 0:
            raise self._late()
        with patience.waiting():
            return call(timeout=min(timeout, patience.left))

    def _late(self) -> StoreError:
        return self._error(grpc.StatusCode.DEADLINE_EXCEEDED, "", "")

    def _load_again(self) -> None:
        """Load all that was asked, after an outage. Raises StoreError if Milvus is still away."""
        patience = patience_for(ASKING)
        for collection in list(self._asked_of):
            try:
                with self._in_words(collection):
                    load = partial(self._milvus().load_collection, collection)
                    self._in_time(patience, ASKING, load)
            except MissingError:
                self._asked_of.discard(collection)

    @contextmanager
    def _told(self, collection: str) -> Iterator[MilvusClient]:
        with self._outage.passed(), self._in_words(collection):
            yield self._milvus()

    def _milvus(self) -> MilvusClient:
        with self._connecting:
            if self._connected is None:
                options = _RECONNECTING | ({} if self._place.is_server else _NO_PINGS)
                self._connected = MilvusClient(
                    self._place.uri,
                    token=self._access.token,
                    server_pem_path=_readable(self._access.authority),
                    timeout=_CONNECTING,
                    grpc_options=options,
                )
            return self._connected

    @contextmanager
    def _in_words(self, collection: str) -> Iterator[None]:
        try:
            yield
        except MilvusException as error:
            # Of what a server refuses while we connect to it, only the cause tells.
            if _status(error.__cause__) in _NOT_LET_IN:
                raise self._not_let_in() from None
            raise self._error(error.code, error.message, collection) from None
        except (grpc.RpcError, grpc.FutureTimeoutError, ConnectionError) as error:
            if _status(error) in _NOT_LET_IN:
                raise self._not_let_in() from None
            raise self._error(_status(error), str(error), collection) from None

    @property
    def _remedy(self) -> str:
        if self._place.is_server:
            return "check that it runs and try again"
        if self._connected is None:
            return "only one process can have it open, so stop any other and try again"
        return "try again"

    def _not_let_in(self) -> StoreError:
        told = "with that token" if self._access.token else "without a token"
        return StoreError(
            f"Milvus at {self._place.shown!r} does not let us in {told}: set {TOKEN}=USER:PASSWORD "
            "of one who may read it, and write it to build"
        )

    def _error(self, code: Any, message: str, collection: str) -> StoreError:
        shown = self._place.shown
        if code == _MISSING:
            return MissingError(f"{shown!r} has no collection {collection!r}: build the index")
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            message = "it does not answer in time"
        reason = " ".join(message.split())[:300]
        told = f"Milvus at {shown!r} fails ({reason}): {self._remedy}"
        if code in _NOT_REACHED:
            self._outage.begin(told)
        return StoreError(told)


@dataclass(frozen=True, slots=True)
class Found:
    """A row that a search found: its primary key, the inner product, the fields asked for."""

    key: int
    product: float
    fields: Row


class MissingError(StoreError):
    """A collection that is not there."""


def _status(error: BaseException | None) -> grpc.StatusCode | None:
    code = getattr(error, "code", None)
    return code() if isinstance(error, grpc.RpcError) and code else None


def _readable(authority: Path | None) -> str:
    """The path of a file of certificates, empty for none. Raises SettingError."""
    if authority is None:
        return ""
    try:
        authority.read_bytes()
    except OSError as error:
        raise SettingError(
            f"{CERTIFICATES} is {str(authority)!r}, which cannot be read ({error.strerror}): name "
            "a file of certificates in PEM form"
        ) from None
    return str(authority)


def client_of(place: MilvusPlace) -> Client:
    """The connection of this process; for milvus-lite it runs here, on files in `place.home`."""
    return _client_of(place, told_access())


@lru_cache
def _client_of(place: MilvusPlace, by: MilvusAccess) -> Client:
    if not place.is_server:
        Path(place.uri).parent.mkdir(parents=True, exist_ok=True)
        # pymilvus asks milvus-lite for what it does not do, which gRPC logs as a failure each time.
        logging.getLogger("grpc._server").setLevel(logging.CRITICAL)
        # Why it cannot be opened, with a traceback; pymilvus tells that it cannot.
        logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
    return Client(place, by)


class Outage:
    """Whether Milvus is away, by the last call that was made. Thread-safe."""

    def __init__(self, prepare: Callable[[], None]) -> None:
        """`prepare` raises StoreError as long as Milvus is not back."""
        self._prepare = prepare
        self._trying = threading.Lock()
        self._why: str | None = None
        # How many outages have ended, and how many had when the call of this thread began.
        self._ended = 0
        self._seen = threading.local()

    def begin(self, why: str) -> None:
        """Milvus was not reached, by a call that may have begun before it was back."""
        if getattr(self._seen, "ended", self._ended) == self._ended:
            self._why = why

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Make a call in the block. Raises StoreError, and makes none, while Milvus is away."""
        if (why := self._why) is not None:
            self._end(why)
        self._seen.ended = self._ended
        yield

    def _end(self, why: str) -> None:
        if not self._trying.acquire(blocking=False):
            raise StoreError(why)
        try:
            self._seen.ended = self._ended
            self._prepare()
            self._ended += 1
            self._why = None
        finally:
            self._trying.release()
