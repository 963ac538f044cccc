"""Generated jets in shards of one process and one seed, kept as Parquet."""

from pathlib import Path
from typing import Any

import numpy as np

from kerashep._files import atomic_path
from kerashep.datasets.locations import user_cache
from kerashep.datasets.pythia.generator import MOST_SEED, event_batches, require_pythia
from kerashep.datasets.pythia.jet_settings import JetSettings

JETS_A_SHARD = 5000
CACHE = "jets"  # in the user's cache folder
_POOL_EVENTS = 1000
_POOL_LINES = ("SoftQCD:nonDiffractive = on", "Beams:eCM = 14000")
_POOL_SHARD = 2**31 - 1
_POOL_ETA = 3.0


def generate_jets(
    settings: JetSettings,
    jets: int,
    *,
    seed: int = 0,
    folder: str | Path | None = None,
    workers: int = 1,
) -> list[Path]:
    """Parquet files of at least so many jets; generates those that are not there yet.

    A file holds up to 5,000 jets of one seed, and is whole or absent: an interrupted
    generation goes on where it was. A last file of fewer jets has the first of them.

    Args:
        settings: What jets.
        jets: How many are wanted.
        seed: Not negative; seed of all random numbers.
        folder: Where jets are kept, in folders named by settings, seed and versions. By
            default the user's cache folder.
        workers: Processes; each generates about 200 jets a second.

    Returns:
        The files, in order; the last may hold more jets than are wanted.

    Raises:
        ModuleNotFoundError: If jets must be generated and the extra `pythia` is not
            installed.
        ValueError: If a number is out of range.
    """
    if jets < 1 or seed < 0 or workers < 1:
        raise ValueError(
            "Expected jets >= 1, seed >= 0 and workers >= 1. "
            f"Received: jets={jets}, seed={seed}, workers={workers}."
        )
    place = jets_folder(settings, seed, folder)
    counts = [min(JETS_A_SHARD, jets - start) for start in range(0, jets, JETS_A_SHARD)]
    missing = [
        (shard, count)
        for shard, count in enumerate(counts)
        if _existing(place, shard, count) is None
    ]
    if missing:
        _generate(settings, seed, place, missing, workers)
    found = [_existing(place, shard, count) for shard, count in enumerate(counts)]
    return [path for path in found if path is not None]


def jets_folder(
    settings: JetSettings, seed: int, folder: str | Path | None = None
) -> Path:
    """Folder of the jets of these settings and seed.

    Args:
        settings: What jets.
        seed: Seed of all random numbers.
        folder: Above it; the user's cache folder by default.
    """
    above = user_cache(CACHE) if folder is None else Path(folder)
    return above.expanduser() / settings.key(seed)


def _existing(place: Path, shard: int, count: int) -> Path | None:
    """The file of a shard with at least `count` jets."""
    fits = [
        path
        for path in place.glob(f"shard_{shard:04d}_*.parquet")
        if int(path.stem.rpartition("_")[2]) >= count
    ]
    return min(fits, default=None)


def _generate(
    settings: JetSettings,
    seed: int,
    place: Path,
    missing: list[tuple[int, int]],
    workers: int,
) -> None:
    require_pythia()
    import joblib

    pool = _pool(place, seed) if settings.pileup else None
    tasks = (
        joblib.delayed(write_shard)(settings, seed, shard, count, place, pool)
        for shard, count in missing
    )
    joblib.Parallel(n_jobs=min(workers, len(missing)))(tasks)


def write_shard(
    settings: JetSettings,
    seed: int,
    shard: int,
    count: int,
    place: Path,
    pool: Path | None,
) -> None:
    """Generates one file.

    Args:
        settings: What jets.
        seed: Seed of all shards.
        shard: Number of the shard; its random numbers depend on it and `seed` only.
        count: How many jets.
        place: Folder to write it into.
        pool: File with the minimum-bias events, with pile-up.
    """
    import awkward as ak
    import pyarrow.parquet as pq

    from kerashep.datasets.pythia.clustering import jets_of_batch

    events = None if pool is None else ak.from_parquet(pool)
    rng = np.random.default_rng([seed, shard])
    parts: list[dict[str, Any]] = []
    missing = count
    for batch in event_batches(settings.lines, pythia_seed(seed, shard)):
        parts.append(jets_of_batch(batch, settings, rng, events))
        missing -= len(parts[-1]["jet_mass"])
        if missing <= 0:
            break
    columns = {
        name: ak.values_astype(
            ak.concatenate([part[name] for part in parts])[:count], "float32"
        )
        for name in parts[0]
    }
    columns["is_signal_new"] = ak.Array(
        np.full(count, int(settings.process != "qcd"), "int8")
    )
    table = ak.to_arrow_table(
        ak.zip(columns, depth_limit=1), extensionarray=False, list_to32=True
    )
    with atomic_path(place / f"shard_{shard:04d}_{count}.parquet") as path:
        pq.write_table(table, path)


def pythia_seed(seed: int, shard: int) -> int:
    """Pythia's seed of a shard: the pair, mixed, between 1 and 900,000,000.

    Args:
        seed: Seed of all shards.
        shard: Number of the shard.
    """
    (mixed,) = np.random.SeedSequence([seed, shard]).generate_state(1)
    return 1 + int(mixed) % MOST_SEED


def _pool(place: Path, seed: int) -> Path:
    """File of minimum-bias events, made if it is not there."""
    import awkward as ak

    from kerashep.datasets.pythia.clustering import visible_particles

    target = place / "minimum_bias.parquet"
    if not target.is_file():
        batches = event_batches(_POOL_LINES, pythia_seed(seed, _POOL_SHARD))
        parts = [
            visible_particles(next(batches), _POOL_ETA)
            for _ in range(_POOL_EVENTS // 500)
        ]
        with atomic_path(target) as path:
            ak.to_parquet(ak.concatenate(parts), path)
    return target
