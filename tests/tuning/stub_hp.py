"""Stands for KerasTuner's hyperparameters: given values, else the first of each."""


class StubHp:
    def __init__(self, **values):
        self.values, self.asked = values, {}

    def _value(self, name, default, known):
        self.asked[name] = known
        return self.values.get(name, default)

    def Int(self, name, low, high, step=None, sampling="linear"):  # noqa: N802
        return self._value(name, low, (low, high, step, sampling))

    Float = Int

    def Choice(self, name, values):  # noqa: N802
        return self._value(name, values[0], list(values))

    def Boolean(self, name, default=False):  # noqa: N802
        return self._value(name, default, [False, True])
