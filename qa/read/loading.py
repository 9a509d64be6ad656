"""The reader that a setting names."""

from pathlib import Path

from index.encoders.files import find_folder, packaged_folder
from index.settings import DEFAULT_READER, home_of
from qa.read.files import (
    FOLDER,
    GRAPH,
    NO_READER,
    OWNER,
    PACKAGED,
    PACKAGED_DIGEST,
    TOKENIZER,
    checked,
    read_record,
)
from qa.read.onnx import OnnxReader
from qa.read.reader import Reader


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
