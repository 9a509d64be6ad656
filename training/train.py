"""Train the reader on windows drawn anew, for so many minutes; goes on from its last checkpoint.

python -m training.train ROWS OUT --mixture written=3,qed_nq=4 --minutes 45 [--begin WEIGHTS]
"""

import argparse
import random
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from training.model import Batch, loss_of, make_batch, new_model
from training.rows import Row, load_rows
from training.windows import Drawer, Reader, Window

_BATCH = 16
# So many windows are drawn and sorted by length before they are read, so that little is padded.
_POOL = 64 * _BATCH
_WARM_UP = 0.06
_SAVED_EVERY = 240
_TOLD_EVERY = 40
_RECENT = 120


def draw_windows(
    rows: Sequence[Row], mixture: dict[str, float], reader: Reader, chance: random.Random
) -> Iterator[Window]:
    """Windows without end, of the families in these parts; each row of a family in turn."""
    by_family: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.held and mixture.get(row.family):
            by_family[row.family].append(row)
    drawer = Drawer(rows, reader, chance)
    turns = {family: _in_turn(members, chance) for family, members in by_family.items()}
    parts = [mixture[family] for family in turns]
    while True:
        row = next(turns[chance.choices(list(turns), parts)[0]])
        window = drawer.draw(row)
        if window is not None:
            yield window


def _in_turn(rows: list[Row], chance: random.Random) -> Iterator[Row]:
    while True:
        chance.shuffle(rows)
        yield from rows


def batches_of(windows: Iterator[Window], chance: random.Random) -> Iterator[Batch]:
    """Batches of windows of about the same length, in random order."""
    while True:
        pool = sorted((next(windows) for _ in range(_POOL)), key=lambda window: len(window.ids))
        starts = list(range(0, _POOL, _BATCH))
        chance.shuffle(starts)
        for start in starts:
            yield make_batch(pool[start : start + _BATCH])


def rate_at(part: float, peak: float) -> float:
    """The learning rate after this part of the time: up in a line, then down in a line."""
    return peak * min(part / _WARM_UP, max(1.0 - part, 0.0) / (1.0 - _WARM_UP))


def part_done(windows: int, left: float, recent: Sequence[tuple[float, int]]) -> float:
    """How much of all windows is read, if they go on at the rate of the `recent` ones.

    The rate of learning follows this and not the clock: others may take the processor for a while.

    >>> part_done(300, 10.0, [(0.0, 0), (10.0, 100)])
    0.75
    """
    (first, read_then), (last, read_now) = recent[0], recent[-1]
    if read_now == read_then:
        return 0.5 if windows else 0.0
    coming = left * (read_now - read_then) / (last - first)
    return windows / (windows + coming)


def can_halve() -> bool:
    """Whether this processor multiplies bf16 faster than fp32."""
    return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")


class Training:
    """The model, its optimiser and how far they have come."""

    def __init__(self, out: Path, begin: Path | None, peak: float) -> None:
        self.out, self.peak = out, peak
        self.model = new_model().train()
        self.learnt = [each for each in self.model.parameters() if each.requires_grad]
        self.optimizer = torch.optim.AdamW(self.learnt, lr=peak, weight_decay=0.01, fused=True)
        self.seconds, self.windows, self.saved = 0.0, 0, 0
        last = out / "last.pt"
        if last.exists():
            self._go_on(torch.load(last, weights_only=True))
        elif begin is not None:
            self.model.load_state_dict(torch.load(begin, weights_only=True))

    def step(self, batch: Batch, part: float) -> float:
        """Learn from one batch; its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(part, self.peak)
        with torch.autocast("cpu", torch.bfloat16, enabled=can_halve()):
            given = self.model(
                input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.types
            )
        loss = loss_of(given.start_logits.float(), given.end_logits.float(), batch)
        # Gradients are kept: to take their memory anew costs more than to clear it.
        self.optimizer.zero_grad(set_to_none=False)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.learnt, 1.0)
        self.optimizer.step()
        self.windows += len(batch)
        return loss.item()

    def save(self) -> None:
        """Keep all to go on from, and the weights apart, the last few of which are averaged."""
        self.saved += 1
        self.out.mkdir(parents=True, exist_ok=True)
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": {"seconds": self.seconds, "windows": self.windows, "saved": self.saved},
        }
        torch.save(state, self.out / "new.pt")
        (self.out / "new.pt").replace(self.out / "last.pt")
        torch.save(self.model.state_dict(), self.out / f"weights_{self.saved:02d}.pt")

    def _go_on(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        progress = state["progress"]
        self.seconds, self.windows = progress["seconds"], progress["windows"]
        self.saved = progress["saved"]


def train(training: Training, batches: Iterator[Batch], minutes: float) -> None:
    """Learn for so long, what was learnt before a restart counted; saved every few minutes."""
    before, saved, losses = time.monotonic(), training.seconds, []
    recent = deque([(training.seconds, training.windows)], maxlen=_RECENT)
    while training.seconds < 60 * minutes:
        left = 60 * minutes - training.seconds
        losses.append(training.step(next(batches), part_done(training.windows, left, recent)))
        training.seconds += time.monotonic() - before
        before = time.monotonic()
        recent.append((training.seconds, training.windows))
        if len(losses) == _TOLD_EVERY:
            rate = training.windows / training.seconds
            told = f"{training.seconds:.0f} s {training.windows} windows {rate:.1f}/s"
            print(told, f"loss {sum(losses) / len(losses):.3f}", flush=True)
            losses = []
        if training.seconds - saved >= _SAVED_EVERY:
            saved = training.seconds
            training.save()
    training.save()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mixture", required=True, help="parts of families, as written=3,selqa=1")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--peak", type=float, default=1.2e-4)
    parser.add_argument("--begin", type=Path, help="weights to begin with")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    parts = (each.split("=") for each in given.mixture.split(","))
    mixture = {family: float(part) for family, part in parts}
    training = Training(given.out, given.begin, given.peak)
    # What was drawn before a restart is not drawn again.
    chance = random.Random(f"{given.seed} {training.windows}")
    windows = draw_windows(load_rows(given.rows), mixture, Reader(), chance)
    train(training, batches_of(windows, chance), given.minutes)


if __name__ == "__main__":
    main()
