"""Members of an ensemble over all cores, by `run_pool`."""

import json
import time
from functools import cache
from typing import Any

from benchmarks.worker import Work
from kerashep.training.pool import run_pool


class PoolMembers(Work):
    """All members; the processes of the pool are warm after the first run."""

    packages = ("keras", "tensorflow", "kerashep", "joblib")

    def __init__(self, settings: dict[str, Any]) -> None:
        text = json.dumps(settings)
        self.items = [(text, seed) for seed in range(settings["members"])]
        self.workers = settings["workers"]
        self.found: list[dict[str, float]] = []
        self.wall = 0.0

    def run(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Trains; the processor time is that of the members."""
        start = time.perf_counter()
        results = run_pool(train_member, self.items, workers=self.workers)
        self.wall = time.perf_counter() - start
        failed = [result.error for result in results if not result.ok]
        if failed:
            raise RuntimeError(f"{len(failed)} members failed: {failed[0]}")
        self.found = [result.value for result in results]
        return {"cpu": sum(one["cpu"] for one in self.found)}

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Training loss of the last member, which is that of `Members`."""
        return {"training_loss": self.found[-1]["training_loss"]}

    def parts(self) -> dict[str, float]:
        """Elapsed seconds of the last run, in which members train side by side."""
        walls = [one["wall"] for one in self.found]
        busy = sum(walls) / self.workers
        return {
            "whole run": self.wall,
            "a member, beside another": sum(walls) / len(walls),
            "training, an equal share a core": busy,
            "waiting for the last member, passing of results": self.wall - busy,
        }


def train_member(item: tuple[str, int]) -> dict[str, float]:
    """One member, in a process of the pool.

    Args:
        item: Settings as JSON, and the seed.
    """
    members, seed = _members(item[0]), item[1]
    wall, cpu = time.perf_counter(), time.process_time()
    loss = members.train(members.trainer, seed)
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "training_loss": loss,
    }


@cache
def _members(settings: str) -> Any:
    """What a process of the pool keeps: data, model, program."""
    from benchmarks.alternatives.members import Members

    return Members(json.loads(settings))


def build(settings: dict[str, Any]) -> PoolMembers:
    """Called by the worker."""
    return PoolMembers(settings)
