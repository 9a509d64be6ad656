#!/bin/sh
# Ray 2.60.0, ray.util.multiprocessing: where a task fails, `Pool.imap` gives an object that wraps the
# exception as though it were the result, and goes on. `Pool.map` of the same pool raises it, as both
# do in the standard library's multiprocessing, whose drop-in replacement this is. So whoever iterates
# has to look at the type of each result, or takes a failure for one.
# Seen: of 1/2, 1/0, 1/4 imap gives float, PoolTaskError, float; map raises ZeroDivisionError.
# Fails if any of that changes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0
cat > "$work/ask.py" <<'PYTHON'
import multiprocessing

import ray
from ray.util.multiprocessing import Pool

NUMBERS = [2, 0, 4]


def inverse(number):
    return 1 / number


def told(ask):
    try:
        return [type(each).__name__ for each in ask()]
    except ZeroDivisionError as error:
        return type(error).__name__


if __name__ == "__main__":
    print("ray", ray.__version__)
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    theirs, ours = Pool(1), multiprocessing.Pool(1)
    seen = [
        told(lambda: list(theirs.imap(inverse, NUMBERS, chunksize=1))),
        told(lambda: theirs.map(inverse, NUMBERS)),
        told(lambda: list(ours.imap(inverse, NUMBERS))),
    ]
    for asked, found in zip(("Ray's imap", "Ray's map", "the standard imap"), seen):
        print(f"{asked}: {found}")
    ours.close()
    ours.join()
    assert seen == [["float", "PoolTaskError", "float"], *2 * ["ZeroDivisionError"]], seen
PYTHON
RAY_USAGE_STATS_ENABLED=0 "$work/venv/bin/python" "$work/ask.py"
