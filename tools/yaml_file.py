"""Reads a small YAML file that people edit into a typed model; what is wrong with it is one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tools.errors import BadInputError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, model: type[Model], what: str, way_out: str) -> Model:
    """The file as that model; an empty file is the model's defaults.

    Args:
        what: what the file is called in a message, for example `schema file`.
        way_out: what to do where there is no such file.

    Raises:
        BadInputError: not there, not YAML, or a value is wrong; names the place.
    """
    try:
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except FileNotFoundError as error:
        raise BadInputError(f"There is no {what} {path}.", way_out) from error
    except OSError as error:
        raise BadInputError(f"The {what} {path} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not a YAML file: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInputError(f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}.") from error
