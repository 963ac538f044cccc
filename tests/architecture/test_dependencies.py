"""What may import what, and how long files and functions may be.

Read from the syntax tree, so imports inside functions count too. Every rule is a
function of a source text; the last tests plant a violation of each.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kerashep"
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40

PLAIN = {"_files", "_messages", "_processors", "_resources", "_symmetry"}
BASE = {"_export", *PLAIN}
PARTS = {*BASE, "layers", "losses", "metrics"}
MODELS = {*PARTS, "zoo", "data", "training"}
ENGINES = {*MODELS, "tuning", "automl", "export"}
COMPOSED = {*ENGINES, "datasets", "evaluation", "scale"}
# Part of the package -> parts that it may import beside itself.
ALLOWED = {
    "_export": set(),
    "_files": set(),
    "_messages": set(),
    "_processors": set(),
    "_resources": PLAIN,
    "_symmetry": set(),
    "layers": BASE,
    "losses": BASE,
    "metrics": BASE,
    "data": PLAIN,
    "datasets": {*PLAIN, "data"},
    "testing": {"_export"},
    "evaluation": {*BASE, "metrics", "data"},
    "zoo": PARTS,
    "training": {*PARTS, "zoo", "data"},
    "tuning": MODELS,
    "automl": {*BASE, "data", "metrics", "training"},
    "export": {*BASE, "layers", "zoo", "data", "training"},
    "scale": ENGINES,
    "jobs": COMPOSED,
    "cli": {*COMPOSED, "jobs"},
}
PLOTS = ("evaluation/plots*.py", "tuning/plots*.py")
# Outside package -> the only files that may import it, as patterns.
ONLY_IN = {
    "matplotlib": PLOTS,
    "mplhep": PLOTS,
    "keras_tuner": ("tuning/*.py",),
    "supervised": ("automl/*.py",),
}
# Part -> outside packages that it does without.
NEVER_IN = {
    "layers": {"tensorflow"},
    "losses": {"tensorflow"},
    "metrics": {"tensorflow"},
    "zoo": {"tensorflow"},
    "data": {"keras"},
    "datasets": {"keras", "tensorflow"},
    "evaluation": {"keras", "tensorflow"},
}


def files():
    return sorted(PACKAGE.rglob("*.py"))


def imported(source):
    """Dotted names of all modules that `source` imports, relative ones as `.name`.

    Also those named by a constant in a call of `import_module`.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield start
            if start == "kerashep":
                yield from (f"kerashep.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            name = getattr(node.args[0], "value", None)
            if called in ("import_module", "__import__") and isinstance(name, str):
                yield name


def upward_imports(part, source):
    parts = {
        name.split(".")[1] for name in imported(source) if name.startswith("kerashep.")
    }
    known = parts & set(ALLOWED)
    return sorted(known - ALLOWED[part] - {part})


def relative_imports(source):
    return sorted(name for name in imported(source) if name.startswith("."))


def misplaced_packages(path, source):
    """Outside packages that the file at `path` (below the package) must not import."""
    outside = {name.split(".")[0] for name in imported(source)}
    elsewhere = {
        name
        for name in outside & set(ONLY_IN)
        if not any(path.match(pattern) for pattern in ONLY_IN[name])
    }
    return sorted(elsewhere | (outside & NEVER_IN.get(part_of(path), set())))


def part_of(path):
    return path.parts[0].removesuffix(".py")


def long_functions(source):
    """Functions whose body, without the docstring, exceeds the limit."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            if length > MAX_FUNCTION_LINES:
                yield f"{node.name} ({length} lines)"


def is_too_long(source):
    return len(source.splitlines()) > MAX_FILE_LINES


def violations(rule):
    """`file: what` for each file of the package in which `rule` finds something."""
    found = []
    for path in files():
        below = path.relative_to(PACKAGE)
        result = rule(below, path.read_text(encoding="utf-8"))
        if result:
            found.append(f"{below}: {result}")
    return found


def test_every_part_has_a_rule():
    parts = {part_of(path.relative_to(PACKAGE)) for path in files()}
    assert parts - {"__init__"} <= set(ALLOWED)


def test_imports_point_downwards():
    def rule(path, source):
        # The package's own __init__ imports nothing of it.
        part = part_of(path)
        return (
            upward_imports(part, source) if part in ALLOWED else list(imported(source))
        )

    assert violations(rule) == []


def test_allowed_directions_hold_no_cycle():
    below = {part: parts - {part} for part, parts in ALLOWED.items()}
    while below:
        free = {part for part, parts in below.items() if not parts}
        assert free, f"these depend on each other: {sorted(below)}"
        below = {p: parts - free for p, parts in below.items() if p not in free}


def test_no_relative_imports():
    assert violations(lambda _, source: relative_imports(source)) == []


def test_outside_packages_stay_in_their_place():
    assert violations(misplaced_packages) == []


def test_files_are_short():
    assert violations(lambda _, source: is_too_long(source)) == []


def test_functions_are_short():
    assert violations(lambda _, source: list(long_functions(source))) == []


@pytest.mark.parametrize("folder", ["zoo", "tuning"])
def test_recipe_folders_are_no_packages(folder):
    assert [*(ROOT / folder).rglob("__init__.py")] == []


@pytest.mark.parametrize(
    ("part", "source", "expected"),
    [
        ("layers", "import kerashep.zoo", ["zoo"]),
        ("layers", "def f():\n    from kerashep.zoo.registry import x", ["zoo"]),
        ("layers", "from kerashep import zoo, _export", ["zoo"]),
        ("data", "import importlib\nimportlib.import_module('kerashep.zoo')", ["zoo"]),
        ("data", "from kerashep._export import kerashep_export", ["_export"]),
        ("evaluation", "from kerashep.training import fit", ["training"]),
        ("testing", "import kerashep.layers, kerashep._files", ["_files", "layers"]),
        ("jobs", "import kerashep.cli.main", ["cli"]),
        ("training", "from kerashep.training.fit import x", []),
        ("zoo", "from kerashep.layers import x\nimport numpy", []),
    ],
)
def test_planted_upward_import(part, source, expected):
    assert upward_imports(part, source) == expected


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        (
            "evaluation/report.py",
            "def f():\n    import matplotlib.pyplot",
            ["matplotlib"],
        ),
        ("evaluation/plots_per_mass.py", "import matplotlib, mplhep", []),
        ("tuning/plots.py", "from matplotlib import pyplot", []),
        ("training/fit.py", "from keras_tuner import Oracle", ["keras_tuner"]),
        ("tuning/runner.py", "import keras_tuner", []),
        ("evaluation/curves.py", "from supervised.automl import X", ["supervised"]),
        ("automl/mljar.py", "import supervised", []),
        ("zoo/blocks.py", "import tensorflow as tf", ["tensorflow"]),
        ("training/compiled.py", "import tensorflow as tf", []),
        ("data/events.py", "from keras import ops", ["keras"]),
    ],
)
def test_planted_misplaced_package(path, source, expected):
    assert misplaced_packages(Path(path), source) == expected


def test_planted_relative_import():
    source = "from .events import x\nimport numpy\ndef f():\n    from .. import y"
    assert relative_imports(source) == ["..", ".events"]


def test_planted_long_file_and_function():
    statements = "    x = 1\n" * MAX_FUNCTION_LINES
    documented = f'def f():\n    """One\n\n    two.\n    """\n{statements}'
    assert list(long_functions(documented)) == []
    assert list(long_functions(documented + "    y = 2\n")) == ["f (41 lines)"]
    nested = "class A:\n" + "".join(f"  {line}\n" for line in documented.splitlines())
    assert list(long_functions(nested + "      y = 2\n")) == ["f (41 lines)"]
    assert not is_too_long("x = 1\n" * MAX_FILE_LINES)
    assert is_too_long("x = 1\n" * (MAX_FILE_LINES + 1))


def test_planted_init_in_a_recipe_folder(tmp_path, monkeypatch):
    (tmp_path / "zoo" / "mine").mkdir(parents=True)
    (tmp_path / "zoo" / "mine" / "__init__.py").touch()
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    with pytest.raises(AssertionError):
        test_recipe_folders_are_no_packages("zoo")
