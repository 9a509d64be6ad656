"""Attacks an archive or its server in one way; exits with 1 where something was lost or gave way.

    python -m bench.attacks kills FOLDER [--times 300]      what changes the archive is killed
    python -m bench.attacks pairs FOLDER [--times 100]      the owner does two things at once
    python -m bench.attacks sources FOLDER [--times 10000]  files that are broken anywhere
    python -m bench.attacks requests FOLDER [--times 100]   requests made from the description
    python -m bench.attacks damaged DATA [--times 60]       a byte of each file, then cuts
    python -m bench.attacks held ADDRESS --pid PID          one address holds on to a server

FOLDER has articles, which are copied; they are indexed by the encoder that hashes words, since no
claim is about what is found. `python -m bench.attacks MODE --help` tells more.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

# A module each, of which one alone is imported: some take long.
MODES = {
    "kills": "killed",
    "pairs": "paired",
    "sources": "broken",
    "requests": "requests",
    "damaged": "damaged",
    "held": "held",
}


def main(arguments: Sequence[str]) -> int:
    """Run one mode and return its exit code."""
    mode, *rest = arguments or ["--help"]
    if mode not in MODES:
        print(f"usage: python -m bench.attacks {{{','.join(MODES)}}} ...\n\n{__doc__}")
        return 0 if mode == "--help" else 2
    return int(import_module(f"bench.attacks.{MODES[mode]}").main(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
