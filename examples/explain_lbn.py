"""Shows what a trained Lorentz Boost Network combines, and what its score rests on.

    kerashep train lbn_single_top --data samples.yaml --run runs/single_top
    python examples/explain_lbn.py runs/single_top

Three figures: the matrices of particles and rest frames, the importance of features
behind the boost, and the masses of the leading combinations beside the W and the top.
"""

import argparse
from pathlib import Path

from kerashep.evaluation import plots
from kerashep.export import load_keras
from kerashep.jobs.combination_figures import (
    combination_figures,
    importance_in_words,
    windows,
)
from kerashep.jobs.combinations import combination_study
from kerashep.jobs.source import Source, load_events, split, with_files
from kerashep.training.run_folder import RunFolder

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("run", type=Path, help="run folder of an lbn_classifier")
parser.add_argument("--data", type=Path, nargs="*", default=[], help="other events")
parser.add_argument("--provenance", help="of --data: real, pythia or simulated")
parser.add_argument("-o", "--output", type=Path, default=Path("combinations"))
options = parser.parse_args()

run = RunFolder(options.run)
model, _ = load_keras(run.model)  # takes raw features, as it is served
source = Source.from_options(options.data, options.provenance)
recipe = with_files(run.read_recipe(), source, print)
events = load_events(recipe, source, seed=recipe.data.split.seed)
test = events if options.data else split(recipe, events)["test"]

study = combination_study(model, test, seed=recipe.seed)
if study is None:
    parser.error(f"The model of '{options.run}' is no Lorentz Boost Network.")
for line in (*importance_in_words(study), *windows(study)):
    print(line)
for mass in study.masses:
    print(f"Combination {mass.name}: {mass.parts}")
options.output.mkdir(parents=True, exist_ok=True)
for one in combination_figures(study, recipe.model.name, test.provenance):
    plots.save_figure(one.drawing, options.output / f"{one.name}.png")
print(f"Figures: {options.output} [{test.provenance}]")
