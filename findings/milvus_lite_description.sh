#!/bin/sh
# pymilvus 3.0.2 with milvus-lite 3.2.2: the description of a collection and of its fields, given in
# its schema, is dropped without a word: asked for again, each is empty. Milvus keeps them, so what
# marks its collections by their description finds no marks in milvus-lite.
# Seen: three descriptions are given, three empty texts come back.
# Fails if any of them is kept.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    pymilvus==3.0.2 milvus-lite==3.2.2
cat > "$work/describe.py" <<'PYTHON'
import importlib.metadata
import sys

from pymilvus import DataType, MilvusClient

client = MilvusClient(f"{sys.argv[1]}/lite.db")
schema = MilvusClient.create_schema(auto_id=False, description="made by build 7")
schema.add_field("number", DataType.INT64, is_primary=True, description="of the ship")
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2, description="of its name")
client.create_collection("ships", schema=schema)

found = client.describe_collection("ships")
kept = [found["description"], *(field["description"] for field in found["fields"])]
versions = [(name, importlib.metadata.version(name)) for name in ("pymilvus", "milvus-lite")]
print(versions)
print("given:", ["made by build 7", "of the ship", "of its name"], "kept:", kept)
assert kept == ["", "", ""], kept
PYTHON
"$work/venv/bin/python" "$work/describe.py" "$work"
