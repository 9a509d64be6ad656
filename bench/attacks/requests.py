"""Sends requests made from the API's own description: each gets what that says, no 5xx but 503."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.attacks.archive import read_options, report, served
from tests.described import try_description
from tests.owner_whole import whole

_MADE = re.compile(r"([\d,]+) generated")


def main(arguments: Sequence[str]) -> int:
    """Send so many for each route and phase, and print what was wrong."""
    options = read_options("requests", __doc__, 100, arguments)
    with served(options.folder, whole) as here, tempfile.TemporaryDirectory() as folder:
        ran = try_description(here.readers.address, options.times, Path(folder))
        faults = list(here.readers.faults)
    if ran.returncode:
        faults.append(ran.stdout[-3_000:])
    made = _MADE.search(ran.stdout)
    told = f"so many for each route and phase, {made[1] if made else '?'} requests in all."
    return report("requests", "Requests made from the description", told, faults, options)
