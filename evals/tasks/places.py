"""Rows of a YAML or JSONL file that people write by hand, each with the lines that its parts stand on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.errors import BadInputError

Place = Sequence[str | int]
"""Where a part is within its row: `("wishes", 0, "op")`."""


@dataclass(frozen=True)
class Row:
    """One entry of the file."""

    path: Path
    body: Any
    first_line: int
    node: yaml.Node | None = None

    def wrong(self, place: Place, what: str, way_out: str = "") -> BadInputError:
        """The error that names the file, the line and the part."""
        where = ".".join(map(str, place))
        line = self.first_line if self.node is None else _line(self.node, place)
        return BadInputError(f"{self.path}, line {line}: {where + ': ' if where else ''}{what}.", way_out)


class _Loader(yaml.SafeLoader):
    """Dates stay as they are written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_rows(path: Path, what: str) -> list[Row]:
    """The rows of a JSONL file (by its ending), or of the list in a YAML file.

    Args:
        what: what a row is, for messages: `task`.

    Raises:
        BadInputError: no such file, not text, or not of that format; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInputError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path} is not UTF-8 text.") from error
    rows = list(_json_rows(path, text) if path.suffix in (".jsonl", ".ndjson") else _yaml_rows(path, text, what))
    if not rows:
        raise BadInputError(f"{path} holds no {what}s.")
    return rows


def _json_rows(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield Row(path, json.loads(line), number)
            except (json.JSONDecodeError, RecursionError) as error:
                why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
                raise BadInputError(f"{path}, line {number}: this is not JSON: {why}.") from error


def _yaml_rows(path: Path, text: str, what: str) -> Iterator[Row]:
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is not None and not isinstance(root, yaml.SequenceNode):
            line = root.start_mark.line + 1
            raise BadInputError(f"{path}, line {line}: this is not a list of {what}s.", "Begin each with `- id:`.")
        for node in root.value if root else ():
            yield Row(path, loader.construct_document(node), node.start_mark.line + 1, node)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        raise BadInputError(f"{path}, line {line}: this is not YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadInputError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error


def _line(node: yaml.Node, place: Place) -> int:
    """The line of a part; of one that is missing, the line of what it is missing in."""
    for step in place:
        found = _child(node, step)
        if found is None:
            break
        node = found
    return node.start_mark.line + 1


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None
