"""Imports point one way, the environment is read in one file, and nothing outside the demo data knows of films."""

from __future__ import annotations

import ast
import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "tools": {"tools"},
    "agent": {"agent", "tools"},
    "evals": {"evals", "agent", "tools"},
    "serve": {"serve", "evals", "agent", "tools"},
}
SOURCES = [path for layer in ALLOWED for path in sorted((ROOT / layer).rglob("*.py"))]
FILM_WORDS = re.compile(
    r"\b(?:films?|movies?|genres?|mpaa|tomatometer|metacritic|oscars?|running time)\b", re.IGNORECASE
)
NEUTRAL = {"tools/data/roles.py", "tools/data/infer.py", "tools/data/columns.py"}
"""Where a column's name is guessed from the words that people's tables use, films' among others."""


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    layer = path.relative_to(ROOT).parts[0]
    assert imported(path) & set(ALLOWED) <= ALLOWED[layer]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_pickle_and_no_remote_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not imported(path) & {"pickle", "shelve", "marshal"}
    assert "trust_remote_code=True" not in text
    assert "allow_pickle=True" not in text


def test_the_environment_is_read_in_one_file() -> None:
    reading = re.compile(r"os\.environ(?!,)\b(?!\})|os\.getenv|environ\[")
    readers = {name_of(path) for path in SOURCES if reading.search(path.read_text(encoding="utf-8"))}
    children = {"serve/vllm_command.py"}  # passes the whole environment on to the server that it starts
    assert readers <= {"agent/settings.py"} | children


def strings_and_names(path: Path) -> list[str]:
    """Identifiers and string constants, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = [
        n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    docs = {id(n.body[0].value) for n in documented if n.body and isinstance(n.body[0], ast.Expr)}
    docs |= {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    found = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs
    ]
    return found + [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]


@pytest.mark.parametrize(
    "path",
    [p for p in SOURCES if name_of(p).startswith(("agent/", "tools/")) and "/demo/" not in name_of(p)],
    ids=name_of,
)
def test_nothing_knows_that_items_are_films(path: Path) -> None:
    if name_of(path) in NEUTRAL:
        pytest.skip("guesses roles from the names of columns, whatever the items are")
    known = {"films"} if name_of(path) == "agent/settings.py" else set()  # the default catalogue's name
    found = {m.group() for text in strings_and_names(path) for m in FILM_WORDS.finditer(text)}
    assert found <= known


def test_nothing_else_installed_owns_our_package_names() -> None:
    owners = metadata.packages_distributions()
    for layer in ALLOWED:
        assert set(owners.get(layer, ["tastemaker"])) <= {"tastemaker"}
