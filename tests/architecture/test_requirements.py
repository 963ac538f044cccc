"""setup.py requires what the package imports, and nothing besides."""

import ast
import re
import sys

from tests.architecture.test_dependencies import ROOT, files, imported

MODULES = {"pyyaml": "yaml", "scikit-learn": "sklearn"}
OPTIONAL = {
    "fastjet",
    "onnx",
    "onnxruntime",
    "pythia8mc",
    "pytest",
}  # of extras; pytest for kerashep.testing


def required():
    """Modules of the projects in `install_requires`."""
    for node in ast.walk(ast.parse((ROOT / "setup.py").read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            needs = ast.literal_eval(node.value)
            names = [re.match(r"[\w-]+", need)[0] for need in needs]
            return {MODULES.get(name, name) for name in names}
    raise AssertionError("setup.py has no install_requires")


def outside():
    """Modules of other projects that the package imports."""
    texts = [path.read_text("utf-8") for path in files()]
    names = {name.split(".")[0] for text in texts for name in imported(text)}
    return names - set(sys.stdlib_module_names) - {"kerashep"}


def test_what_is_imported_is_required():
    assert sorted(outside() - required()) == sorted(OPTIONAL)


def test_what_is_required_is_imported():
    assert sorted(required() - outside()) == []


def test_constraints_pin_what_is_required():
    pins = (ROOT / "constraints.txt").read_text("utf-8").lower()
    projects = {module: project for project, module in MODULES.items()}
    names = [projects.get(module, module) for module in sorted(required())]
    assert [name for name in names if f"\n{name}==" not in pins] == []
