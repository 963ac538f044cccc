"""Package metadata. Tool settings live in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.editable_wheel import editable_wheel

ROOT = Path(__file__).parent
VERSION = next(
    line.split('"')[1]
    for line in (ROOT / "kerashep" / "__init__.py").read_text().splitlines()
    if line.startswith("__version__")
)
EXTRAS = {
    "automl": ["mljar-supervised>=1.3", "lightgbm>=4.5", "xgboost>=2.1"],
    "trees": ["lightgbm>=4.5"],
    "pythia": ["pythia8mc>=8.315,<8.318", "fastjet>=3.5"],
    "distributed": ["dask[distributed]>=2025.1"],
    "onnx": ["onnx>=1.17", "onnxruntime>=1.20", "tf2onnx>=1.16"],
    "explain": ["shap>=0.47"],
}
TESTS = [
    *EXTRAS["trees"],
    *EXTRAS["onnx"],
    "xgboost-cpu>=3.0",  # as xgboost, without the libraries for GPUs
    "mypy>=1.15",
    "pandas>=2.2",
    "pyhf>=0.7.6",
    "pytest>=8.3",
    "pytest-xdist>=3.6",
    "ruff>=0.15",
    "tensorboard>=2.19",
    "types-PyYAML",
]


class EditableByPath(editable_wheel):
    """Makes `pip install -e` a path entry, as for a project without mapped folders.

    Otherwise it would be an import hook, which comes after the working directory: a
    clone in a folder named `kerashep` would hide the package from its parent folder.
    """

    def finalize_options(self) -> None:
        """Forgets `zoo` and `tuning`, which a checkout finds by itself."""
        self.distribution.package_dir = {"": "."}
        self.distribution.packages = find_packages(include=["kerashep", "kerashep.*"])
        super().finalize_options()


setup(
    name="kerashep",
    version=VERSION,
    description="Keras 3 model zoo for high-energy physics",
    long_description=(ROOT / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="BSD-3-Clause",
    license_files=["LICENSE"],
    python_requires=">=3.11,<3.14",
    packages=[
        *find_packages(include=["kerashep", "kerashep.*"]),
        "kerashep.recipes",
        "kerashep.studies",
    ],
    package_dir={"kerashep.recipes": "zoo", "kerashep.studies": "tuning"},
    package_data={
        "kerashep": ["py.typed", "evaluation/templates/*"],
        "kerashep.recipes": ["**/*.yaml", "**/*.md", "**/*.json"],
        "kerashep.studies": ["**/*.yaml", "**/*.md", "**/*.csv"],
    },
    install_requires=[
        "awkward>=2.7",
        "h5py>=3.12",
        "jinja2>=3.1",
        "joblib>=1.4",
        "keras>=3.15,<4",
        "matplotlib>=3.9",
        "mplhep>=0.3.58",
        "numpy>=2.1",
        "platformdirs>=4.3",
        "pooch>=1.8",
        "pyarrow>=18",
        "pydantic>=2.10",
        "pyyaml>=6.0",
        "rich>=13.9",
        "scikit-learn>=1.6",
        "scipy>=1.14",
        "tensorflow>=2.20",
        "threadpoolctl>=3.5",
        "typer>=0.15",
        "uproot>=5.5",
    ],
    extras_require={
        **EXTRAS,
        "dev": TESTS,
        "all": sorted({need for needs in EXTRAS.values() for need in needs}),
    },
    cmdclass={"editable_wheel": EditableByPath},
    entry_points={"console_scripts": ["kerashep = kerashep.cli.main:main"]},
    classifiers=[
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Physics",
        "Typing :: Typed",
    ],
)
