#!/bin/sh
# pymilvus 3.0.2 with milvus-lite 3.2.2: a search that names no output fields is answered with every
# field of every hit, vectors and texts included. Milvus itself answers with keys and distances alone,
# which is what its documentation says; an empty list is taken for "all" here. So a search that wants
# keys has to name the primary key, or moves all that lies beside the vectors.
# Seen: without `output_fields`, and with an empty list, hits have `body` and `vector`; with the key
# named, neither.
# Fails if any of that changes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    pymilvus==3.0.2 milvus-lite==3.2.2
cat > "$work/ask.py" <<'PYTHON'
import importlib.metadata
import sys

from pymilvus import DataType, MilvusClient

client = MilvusClient(f"{sys.argv[1]}/lite.db")
schema = MilvusClient.create_schema(auto_id=False)
schema.add_field("number", DataType.INT64, is_primary=True)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
schema.add_field("body", DataType.VARCHAR, max_length=100)
index = client.prepare_index_params()
index.add_index("vector", index_type="FLAT", metric_type="IP")
client.create_collection("ships", schema=schema, index_params=index)
client.insert("ships", [{"number": 1, "vector": [1.0, 0.0], "body": "a long text"}])


def fields(**asked):
    [[hit]] = client.search("ships", data=[[1.0, 0.0]], anns_field="vector", limit=1, **asked)
    return sorted(hit["entity"])


print([(name, importlib.metadata.version(name)) for name in ("pymilvus", "milvus-lite")])
seen = [fields(), fields(output_fields=[]), fields(output_fields=["number"])]
for asked, found in zip(("none named", "an empty list", "the key named"), seen):
    print(f"{asked}: {found}")
assert seen[0] == seen[1] == ["body", "vector"], seen
assert not {"body", "vector"} & set(seen[2]), seen
PYTHON
"$work/venv/bin/python" "$work/ask.py" "$work"
