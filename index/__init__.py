"""Articles in, an index on disk out. Never imports `qa`."""

import os

# ONNX Runtime reads it when it is loaded, and would else tell its makers of each model that it
# runs; its own `disable_telemetry_events` comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
