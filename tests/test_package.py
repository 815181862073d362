"""How aeutils hangs together: one direction of imports, a quick start, a docstring for everything public."""

import ast
import importlib
import inspect
import os
from pathlib import Path
import pkgutil
import subprocess
import sys

import pytest

import aeutils as ae

PACKAGE = Path(ae.__file__).parent
MODULES = sorted(module.name for module in pkgutil.iter_modules(ae.__path__))
ORDER = ["errors", "places", "notebook", "download", "own_images", "workers", "sample_images", "mnist_files"]
ORDER += ["memory_map", "data"]
ORDER += [
    "models",
    "validation",
    "metrics",
    "backpropagation",
    "hardware",
    "compiler",
    "optimizers",
    "turns",
    "training",
    "jury",
    "plots",
    "widgets",
    "checks",
    "predictions",
]
"""A module imports only from its left."""
PLOTS = ["style", "images", "bars", "curves", "points", "lessons"]
"""The modules of plots: the general figures, then the drawings of lessons."""


def imports_of(path):
    """Names of the modules of aeutils that a file imports, inside functions too."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            names += [node.module] if node.module != "aeutils" else [f"aeutils.{alias.name}" for alias in node.names]
    return [name.removeprefix("aeutils.") for name in names if name.split(".")[0] == "aeutils"]


def test_every_module_has_its_place_in_the_order():
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_module_imports_only_from_its_left(name):
    """A module that is a folder may import its own parts, too."""
    files = sorted((PACKAGE / name).rglob("*.py")) or [PACKAGE / f"{name}.py"]
    imported = {part.split(".")[0] for path in files for part in imports_of(path)}
    assert imported - ({name} if len(files) > 1 else set()) <= set(ORDER[: ORDER.index(name)])


def test_general_figures_know_nothing_of_lessons_and_lessons_nothing_of_one_another():
    folder = PACKAGE / "plots"
    assert sorted(PLOTS) == sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    for path in [*folder.glob("*.py"), *folder.glob("lessons/*.py")]:
        if path.name == "__init__.py":
            continue
        name = "lessons" if path.parent != folder else path.stem
        imported = {part.split(".")[1] for part in imports_of(path) if part.startswith("plots.")}
        assert imported <= set(PLOTS[: PLOTS.index(name)]), path


@pytest.mark.slow
def test_import_from_anywhere_finds_the_data_and_leaves_slow_libraries_for_when_they_are_needed(tmp_path):
    slow = {"matplotlib", "torchvision", "sklearn", "skimage", "scipy", "pandas"}
    code = f"import sys, aeutils; print(sorted({slow} & set(sys.modules)), aeutils.data.DATA)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), *filter(None, sys.path)])}
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.stdout == f"[] {PACKAGE.parent / 'data'}\n", result


def test_plots_come_with_the_package_when_they_are_first_used():
    assert ae.plots is importlib.import_module("aeutils.plots")


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'plot'"):
        _ = ae.plot


def test_all_names_are_there():
    assert all(hasattr(ae, name) for name in ae.__all__)
    assert ae.__all__ == sorted(ae.__all__)


def public_things():
    """(name, thing) of each module, and of each public function, class and method in it."""
    for module_name in MODULES:
        module = importlib.import_module(f"aeutils.{module_name}")
        yield module_name, module
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
                continue
            yield f"{module_name}.{name}", thing
            if inspect.isclass(thing):
                for method, function in vars(thing).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{module_name}.{name}.{method}", function


@pytest.mark.parametrize("name, thing", list(public_things()))
def test_docstring_says_what_it_is(name, thing):
    written = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    assert written and len(written) > 20
    assert not written.startswith(f"{getattr(thing, '__name__', '')}("), "made by dataclass, not by a person"
