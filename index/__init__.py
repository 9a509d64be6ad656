"""Articles in, an index on disk out. Never imports `qa`."""

import os

# ONNX Runtime's native code reads this when it is loaded. Without it, telemetry reports each model
# that runs; its own `disable_telemetry_events` comes too late. No setting is read here.
os.putenv("ORT_DISABLE_TELEMETRY", "1")
