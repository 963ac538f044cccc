"""Asks an oracle for trials and tells it results: the one door to KerasTuner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kerashep.tuning.study_file import Tuner

_WORST = -1e9
_OWN = "tuner/"  # what Hyperband adds to the values


@dataclass(frozen=True)
class Proposal:
    """Values for a trial.

    Attributes:
        key: By which its result is told.
        hyperparameters: KerasTuner's, with these values.
        values: Hyperparameter -> value.
        epochs: Of this trial, if the tuner decides that.
    """

    key: str
    hyperparameters: Any
    values: dict[str, Any]
    epochs: int | None


class Proposer:
    """One search's source of trials.

    The same results told in the same order between the same questions give the same
    proposals.

    Args:
        tuner: The study's.
        hyperparameters: KerasTuner's, with the whole space.
        seed: Of the study.
        epochs: Of the recipe: the longest training of `hyperband`.
        recorded: Values of the first proposals of an interrupted search, which are
            expensive to compute again.

    Attributes:
        exhausted: Whether there is nothing left to propose.
    """

    def __init__(
        self,
        tuner: Tuner,
        hyperparameters: Any,
        *,
        seed: int,
        epochs: int,
        recorded: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        from kerashep.tuning.oracles import make_oracle

        self.exhausted = False
        self._asked = 0
        # Hyperband waits for good for the ranks of trials that failed.
        self._ranks = tuner.name == "hyperband"
        self._oracle = make_oracle(
            tuner,
            hyperparameters,
            seed=seed,
            epochs=epochs,
            recorded={_key(i): dict(values) for i, values in enumerate(recorded)},
        )

    def ask(self) -> Proposal | None:
        """The next trial; None if another result must be told first, or exhausted."""
        trial = self._oracle.create_trial(str(self._asked))
        if trial.status != "RUNNING":
            self.exhausted = trial.status == "STOPPED"
            return None
        self._asked += 1
        values = trial.hyperparameters.values
        epochs = values.get(f"{_OWN}epochs")
        shown = {k: v for k, v in values.items() if not k.startswith(_OWN)}
        return Proposal(trial.trial_id, trial.hyperparameters, shown, epochs)

    def tell(self, key: str, score: float | None) -> None:
        """The result of a proposal.

        Args:
            key: Of the proposal.
            score: To be maximised; None if there is none.
        """
        trial = self._oracle.get_trial(key)
        if score is None and self._ranks:
            score = _WORST
        if score is None:
            trial.status = "FAILED"
        else:
            self._oracle.update_trial(key, {"score": score})
            trial.status = "COMPLETED"
        self._oracle.end_trial(trial)


def _key(number: int) -> str:
    """KerasTuner's name of a trial, without a maximal number of trials."""
    return f"{number:04d}"
