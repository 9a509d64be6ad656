"""The reader that a setting names."""

from pathlib import Path

from index.encoders.files import digest_of, find_folder, packaged_folder
from index.errors import ModelError
from index.settings import DEFAULT_READER, home_of
from qa.read.onnx import GRAPH, TOKENIZER, OnnxReader, read_record
from qa.read.reading import Reader

# The value of the setting that names no model.
NO_READER = "none"
# The weights that `training/` makes; docs/reader.md is their card.
PACKAGED = Path(__file__).parent / "footnote-reader.onnx"
PACKAGED_DIGEST = "80192b43034a49f3e56d0a79e708e666b3ea04377d9bb2da97ee7b91504a8e79"
# The folder in the data folder that keeps another model's export.
FOLDER = "reader"
# Names without an owner are those of the best known such models.
OWNER = "deepset"


def load_reader(name: str, data: Path) -> Reader | None:
    """The reader of this name; None for `none`.

    Footnote's own reads by the tokens of the packaged encoder. Another model is exported into the
    data folder at its first use. Raises ModelError where it cannot be loaded or exported.
    """
    if name == NO_READER:
        return None
    if name == DEFAULT_READER:
        return OnnxReader(checked(PACKAGED, PACKAGED_DIGEST), packaged_folder() / TOKENIZER)
    home = home_of(data) / FOLDER
    kept = read_record(home)
    if kept is None or kept.name != name:
        # It takes seconds to import, and only a first use needs it.
        from qa.read.export import export_reader

        export_reader(home, name, str(find_folder(name, OWNER) or name))
    return OnnxReader(home / GRAPH, home / TOKENIZER)


def checked(graph: Path, digest: str) -> Path:
    """The same file, if it is whole. Raises ModelError if it has another SHA-256 digest."""
    try:
        found = digest_of(graph)
    except OSError as error:
        found = str(error.strerror)
    if found != digest:
        raise ModelError(
            f"the reader's weights {str(graph)!r} are not those of this version ({found[:12]}, "
            f"not {digest[:12]}): install Footnote again, or set FOOTNOTE_READER=none"
        )
    return graph
