"""tau-Rec's tasks and policy, as its files have them: catalog.json, tasks/*.json. The data is not part of this."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.policy import Availability, Confirmation, Disclosure, Policies
from agent.user import User
from evals.tasks.task import Task, Wish
from tools.constraints import Constraint, Op
from tools.errors import BadInputError

POLICIES = Policies(
    exclude_seen=True,
    one_at_a_time=True,
    availability=Availability(field="streaming_services", say="on your streaming services"),
    confirm=(Confirmation(field="content_rating", values=("R", "NC-17")),),
    disclose=(Disclosure(field="sponsored", say="note: this is a promoted recommendation"),),
)
"""Its policy.md as settings. The rules about its tool names have no counterpart: each slate here is a tool's result."""
OPS: dict[str, Op] = {
    **dict.fromkeys(("contains", "contains_any", "in", "=="), "="),
    **dict.fromkeys(("not_contains", "not_in", "!="), "!="),
}


def read_tasks(folder: Path) -> list[Task]:
    """The tasks of a folder, by file name.

    Raises:
        BadInputError: no such folder, or a file is not a task; names it and the place.
    """
    files = sorted((folder / "tasks").glob("*.json"))
    if not files:
        raise BadInputError(f"There are no tasks in {folder / 'tasks'}.", "Name a folder with catalog.json and tasks/.")
    return [_read(path) for path in files]


def _read(path: Path) -> Task:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        mine = body["user_history"].get(body["user_id"], {})
        return Task(
            id=body["id"],
            wishes=tuple(
                Wish(constraint=_constraint(w["constraint"]), reveal=w["reveal"]) for w in body["constraints"]
            ),
            remarks=tuple(body.get("soft_preferences", ())),
            user=User(seen=tuple(mine.get("watched", ())), available=tuple(body.get("user_services", ()))),
            is_impossible=body["no_valid_recommendation"],
        )
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path} is not UTF-8 text.") from error
    except json.JSONDecodeError as error:
        raise BadInputError(f"{path}, line {error.lineno}: {error.msg}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path}: the field {error} is missing or of the wrong kind.") from error


def _constraint(body: dict[str, Any]) -> Constraint:
    value = tuple(body["value"]) if isinstance(body["value"], list) else body["value"]
    return Constraint(field=body["field"], op=OPS.get(body["op"], body["op"]), value=value)
