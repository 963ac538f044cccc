"""Electron candidates in a calorimeter and a tracker, in NumPy.

From the particles of a candidate (`candidate_classes`, `transport`, `surroundings`)
to their showers (`longitudinal`, `lateral`, `hadronic`, `deposits`), cells
(`calorimeter`), measured tracks (`tracker`), the variables of a likelihood selection
(`scalars`) and the preselection (`selection`); `simulate` puts them together.

What is simplified: one idealised detector of equal cells in azimuth, without gaps or
dead cells; layers of showers are independent given the shower; jets are a leading
particle and a few companions, not the product of a generator. Good for comparing
methods, not for efficiencies in data.
"""
