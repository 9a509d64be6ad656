#!/bin/sh
# pymilvus 3.0.2 with milvus-lite 3.2.2: a filter with a placeholder, whose value is given apart in
# `filter_params`, is refused as a fault of grammar. The server gets the values and does not put them
# in. So values have to be written into the expression, where texts need quoting by the caller.
# Seen: `number in {wanted}` fails at its `{`; `number in [1, 3]` finds both rows.
# Fails if the placeholder is filled in, or refused otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    pymilvus==3.0.2 milvus-lite==3.2.2
cat > "$work/ask.py" <<'PYTHON'
import importlib.metadata
import logging
import sys

from pymilvus import DataType, MilvusClient, MilvusException

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
client = MilvusClient(f"{sys.argv[1]}/lite.db")
schema = MilvusClient.create_schema(auto_id=False)
schema.add_field("number", DataType.INT64, is_primary=True)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
index = client.prepare_index_params()
index.add_index("vector", index_type="FLAT", metric_type="IP")
client.create_collection("ships", schema=schema, index_params=index)
client.insert("ships", [{"number": number, "vector": [1.0, 0.0]} for number in (1, 2, 3)])

written = client.query("ships", filter="number in [1, 3]", output_fields=["number"])
try:
    client.query("ships", filter="number in {wanted}", filter_params={"wanted": [1, 3]})
    refused = "not refused"
except MilvusException as error:
    refused = " ".join(error.message.split())

versions = [(name, importlib.metadata.version(name)) for name in ("pymilvus", "milvus-lite")]
print(versions)
print("written out:", sorted(row["number"] for row in written))
print("placeholder:", refused)
assert sorted(row["number"] for row in written) == [1, 3], written
assert refused.startswith("unexpected character '{'"), refused
PYTHON
"$work/venv/bin/python" "$work/ask.py" "$work"
