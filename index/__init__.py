"""Articles in, an index on disk out. Never imports `qa`."""

import os

# ONNX Runtime's native code looks for it when it is loaded, and would else tell its makers of each
# model that it runs; its own `disable_telemetry_events` comes too late. No setting is read here.
os.putenv("ORT_DISABLE_TELEMETRY", "1")
