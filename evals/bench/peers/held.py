"""How much memory the arrays of a model take, whichever library's they are. Imports nothing: workers use it too."""

# mypy: ignore-errors
from __future__ import annotations

_DEEPEST = 12


def held_bytes(root: object) -> int:
    """The bytes of all arrays, tensors and columns that can be reached from an object, each counted once.

    Where an array is a view of another, what it shows is counted.
    """
    seen, total, todo = set(), 0, [(root, 0)]
    while todo:
        one, depth = todo.pop()
        if id(one) in seen or depth > _DEEPEST or isinstance(one, type | str | bytes | int | float):
            continue
        seen.add(id(one))
        size = getattr(one, "nbytes", None)
        if isinstance(size, int):
            total += size
            continue
        parts = [*one.values()] if isinstance(one, dict) else [*one] if isinstance(one, list | tuple | set) else []
        slots = (getattr(one, name, None) for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ()))
        parts += [*getattr(one, "__dict__", {}).values(), *slots]
        todo += [(part, depth + 1) for part in parts]
    return total
