"""What the owner says of an article in place of its file: title, date, source, who may read it.

An edit is kept with the owner's own files and applied by each build as though the file said it,
before the rules of the house, so that these still close what they close. What the file itself says
is kept beside it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, cast

from index.article import Article, Visibility
from index.build.owned import changing, owned, write_sealed
from index.build.versions import forget_versions
from index.build.withheld import Identity, Removals, Withheld, identified
from index.errors import BuildError, DamagedError
from index.store import Known, Place, StoreWriter, open_writer
from index.store.durable import unsealed

_NAME = "edits.json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be edited; `published` is ISO 8601. None is unknown."""

    title: str | None
    published: str | None
    source: str | None
    visibility: Visibility

    @classmethod
    def of(cls, article: Article) -> Self:
        """Those of an article."""
        return cls(article.title, article.published, article.source, article.visibility)

    def apart_from(self, others: "Facts") -> dict[str, str | None]:
        """Those that differ from others, by their names."""
        mine, theirs = asdict(self), asdict(others)
        return {name: value for name, value in mine.items() if value != theirs[name]}

    def with_changes(self, changed: Mapping[str, str | None]) -> Self:
        """These, but for what was changed."""
        return replace(self, **cast(Any, changed))


def with_facts(article: Article, facts: Facts) -> Article:
    """The article with these facts in place of its own."""
    return replace(article, **{each.name: getattr(facts, each.name) for each in fields(Facts)})


@dataclass(frozen=True, slots=True)
class Edit:
    """What was changed of an article, by the names of `Facts`, and what its file says.

    `of` is what the article is known by, as one that was removed would be.
    """

    of: Withheld
    changed: Mapping[str, str | None]
    told: Facts

    @property
    def facts(self) -> Facts:
        """The article's, once it is built."""
        return self.told.with_changes(self.changed)

    @property
    def hides(self) -> bool:
        """Whether the owner hid the article."""
        return self.changed.get("visibility") == "hidden"

    def read_again(self, article: Article, place: Place) -> Self:
        """The same of the article as its file says it now, at its place now."""
        # While it is hidden, the owner knows it by the id that it had.
        article_id = self.of.id if self.hides else article.id
        of = replace(self.of, origin=place.origin, id=article_id, file=place.file)
        return replace(self, of=of, told=Facts.of(article))

    def applied(self, article: Article) -> Article:
        """The article with the changes."""
        facts = Facts.of(article).with_changes(self.changed)
        if "published" in self.changed:
            article = replace(article, published_from="owner" if facts.published else None)
        return with_facts(article, facts)


class Edits:
    """Finds the edit of an article that was just read, as `Removals` finds its removal."""

    def __init__(self, edits: Iterable[Edit] = ()) -> None:
        self._edits = {each.of: each for each in edits}
        self._articles = Removals(self._edits)

    def find(self, article: Identity, place: Place) -> Edit | None:
        """The edit of this article, or None."""
        of = self._articles.find(article, place)
        return self._edits[of] if of else None


NO_EDITS = Edits()


def read_edits(data: Path) -> tuple[Edit, ...]:
    """All edits that change something. Raises DamagedError if they cannot be read."""
    return tuple(each for each in kept_edits(data) if each.changed)


def kept_edits(data: Path) -> tuple[Edit, ...]:
    """Those, and the ones that were undone, until a build has read the file.

    Before that the published article is as it was edited, and only `told` knows what the file says.
    """
    path = owned(data) / _NAME
    try:
        return tuple(map(_edit, unsealed(path.read_bytes())["edits"]))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedError(
            f"{path} cannot be read ({error}): put back a copy, or remove it to show all articles "
            "as their files have them"
        ) from None


def edit_article(
    data: Path, article_id: str, facts: Facts, untouched: Collection[str] = ()
) -> Facts:
    """Have builds show an article by these facts; what is as its file says is no edit.

    Those named in `untouched` stay as they are now, whoever changed them; returns what there is
    then. One that is hidden leaves the published index at once; anything else waits for the next
    build.
    Raises BuildError for an unknown id, BuildRunsError while a build is running.
    """
    with open_writer(data) as writer:
        live = list(writer.known())
        known = next((each for each in live if each.id == article_id), None)
        edit = _begun(data, article_id, known, live, writer)
        facts = facts.with_changes({name: getattr(edit.facts, name) for name in untouched})
        # Kept first: even if this stops here, the next build hides it.
        _put(data, replace(edit, changed=facts.apart_from(edit.told)))
        if known is None or facts.visibility != "hidden":
            writer.leave()
            return facts
        forget_versions(data, [article_id])
        writer.publish(kept=(), removed={known.number})
    return facts


def take_back(data: Path, article_id: str) -> bool:
    """Undo the edit of an article, so that the next build has it as its file does.

    False if there is none.
    """

    def change(edits: list[Edit]) -> list[Edit]:
        return [replace(each, changed={}) if each.of.id == article_id else each for each in edits]

    before = _change(data, change)
    return any(each.of.id == article_id and each.changed for each in before)


def forget_edits(data: Path, origins: Iterable[str]) -> None:
    """Forget the edits of what came from there, which is gone for good."""
    gone = frozenset(origins)
    _change(data, lambda edits: [each for each in edits if each.of.origin not in gone])


def note_read(data: Path, read: Iterable[tuple[Edit, Edit]]) -> None:
    """Keep what a build read of edited articles: pairs of an edit, and the same as read again.

    Those that were undone before the build began are done with.
    """
    again = {before.of: now for before, now in read}

    def change(edits: list[Edit]) -> list[Edit]:
        pairs = [(each, again.get(each.of)) for each in edits]
        return [
            replace(now, changed=each.changed) if now else each
            for each, now in pairs
            if now is None or each.changed or now.changed
        ]

    if again:
        _change(data, change)


def _begun(
    data: Path, article_id: str, known: Known | None, live: list[Known], writer: StoreWriter
) -> Edit:
    """The edit that there is, or one that changes nothing yet."""
    kept = kept_edits(data)
    article = writer.article_numbered(known.number) if known else None
    if known is None or article is None:
        held = next((each for each in kept if each.of.id == article_id), None)
        if held is None:
            raise BuildError(f"no article has the id {article_id!r}: see the list of articles")
        return held
    # What has the id of another edit may be another article by now.
    held = Edits(kept).find(known, known.place)
    if held and (held.of.origin == known.place.origin or held.of.id == article_id):
        return held
    [of] = identified([known], live, writer)
    told = Facts.of(article)
    if held is not None:
        # A copy of an edited article is published as that was edited.
        told = told.with_changes({name: getattr(held.told, name) for name in held.changed})
    return Edit(of, {}, told)


def _put(data: Path, edit: Edit) -> None:
    _change(data, lambda edits: [*(each for each in edits if each.of.id != edit.of.id), edit])


def _change(data: Path, change: Callable[[list[Edit]], list[Edit]]) -> tuple[Edit, ...]:
    """Change the list if need be, while nobody else does; returns what it was before."""
    before = kept_edits(data)
    if change(list(before)) == list(before):
        return before
    with changing(data) as folder:
        before = kept_edits(data)
        after = sorted(change(list(before)), key=lambda each: each.of.origin)
        write_sealed(folder / _NAME, {"edits": [asdict(each) for each in after]})
    return before


def _edit(stored: Mapping[str, Any]) -> Edit:
    changed = stored["changed"]
    unknown = changed.keys() - {each.name for each in fields(Facts)}
    if unknown:
        raise ValueError(f"it changes {min(unknown)!r}")
    return Edit(Withheld(**stored["of"]), changed, Facts(**stored["told"]))
