"""Where profiles are kept: SQLite, beside the conversations that they come from, so that both go together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.profile import Line


class ProfileStore:
    """Profiles of all users of one catalogue, and which conversation is whose."""

    def __init__(self, path: Path, catalogue: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._catalogue = catalogue
        self._db = sqlite3.connect(path, timeout=10, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA secure_delete = ON")  # forgotten is overwritten, and not only unlinked
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS profiles (catalogue TEXT, user TEXT, key TEXT, line TEXT, "
            "PRIMARY KEY (catalogue, user, key))"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS owners (user TEXT, thread TEXT, PRIMARY KEY (user, thread))")

    def of(self, user: str) -> list[Line]:
        """All lines about a user, in the order in which they were first written."""
        sql = "SELECT line FROM profiles WHERE catalogue = ? AND user = ? ORDER BY rowid"
        return [Line.model_validate_json(row[0]) for row in self._db.execute(sql, [self._catalogue, user])]

    def remember(self, user: str, lines: Iterable[Line]) -> None:
        """Add lines; one about the same replaces what was known, and counts its conversations too."""
        known = {line.key: line for line in self.of(user)}
        with self._db:
            for line in lines:
                before = known.get(line.key)
                line = _merged(before, line) if before else line
                known[line.key] = line
                self._db.execute(
                    "INSERT INTO profiles VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET line = excluded.line",
                    (self._catalogue, user, line.key, line.model_dump_json()),
                )

    def tell(self, user: str, thread: str, lines: Iterable[Line]) -> None:
        """Note that a conversation knows these lines: when they are forgotten, it has to go too."""
        with self._db:
            for line in lines:
                if thread not in (*line.threads, *line.told):
                    noted = line.model_copy(update={"told": (*line.told, thread)})
                    self._db.execute(
                        "UPDATE profiles SET line = ? WHERE catalogue = ? AND user = ? AND key = ?",
                        (noted.model_dump_json(), self._catalogue, user, line.key),
                    )

    def owns(self, user: str, thread: str) -> None:
        """Note whose a conversation is that begins now; with an empty name, nobody's."""
        with self._db:
            self._db.execute("DELETE FROM owners WHERE thread = ?", [thread])  # of one that never came to an answer
            if user:
                self._db.execute("INSERT INTO owners VALUES (?, ?)", (user, thread))

    def threads_of(self, user: str) -> list[str]:
        """The conversations of a user."""
        return [row[0] for row in self._db.execute("SELECT thread FROM owners WHERE user = ? ORDER BY rowid", [user])]

    def holding(self, user: str, line: Line | None = None) -> list[str]:
        """The conversations that know a line, or all of a user's."""
        known = {one.key: one for one in self.of(user)}
        now = known.get(line.key, line) if line else None  # it may have been told since it was read
        return list(dict.fromkeys((*now.threads, *now.told))) if now else self.threads_of(user)

    def forget(self, user: str, line: Line | None = None) -> None:
        """Forget a line, or all of it, and whose the conversations were that held it."""
        threads = self.holding(user, line)
        with self._db:
            if line is None:
                self._db.execute("DELETE FROM profiles WHERE user = ?", [user])
            else:
                key = [self._catalogue, user, line.key]
                self._db.execute("DELETE FROM profiles WHERE catalogue = ? AND user = ? AND key = ?", key)
            self._db.executemany("DELETE FROM owners WHERE user = ? AND thread = ?", [(user, t) for t in threads])

    def replace(self, user: str, old: Line, new: Sequence[Line]) -> None:
        """Forget a line as `forget` does, and have others stand in its place; never one without the other."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            lines, threads = self.of(user), self.holding(user, old)
            known = {line.key: line for line in lines if line.key != old.key}
            fresh = {line.key: _merged(known[line.key], line) if line.key in known else line for line in new}
            place = next((row for row, line in enumerate(lines) if line.key == old.key), len(lines))
            others = lines[:place], lines[place + 1 :]
            before, after = ([one for one in part if one.key not in fresh] for part in others)
            self._db.execute("DELETE FROM profiles WHERE catalogue = ? AND user = ?", [self._catalogue, user])
            self._db.executemany(
                "INSERT INTO profiles VALUES (?, ?, ?, ?)",
                [
                    (self._catalogue, user, line.key, line.model_dump_json())
                    for line in (*before, *fresh.values(), *after)
                ],
            )
            self._db.executemany("DELETE FROM owners WHERE user = ? AND thread = ?", [(user, t) for t in threads])

    def wipe(self) -> None:
        """Take what was deleted out of the write-ahead log too, which otherwise keeps it until the file is closed."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _merged(before: Line, line: Line) -> Line:
    """A line after an earlier one about the same: no conversation that knows either of them is lost sight of."""
    if before.kind != line.kind or not _agrees(before, line):
        told = dict.fromkeys((*before.told, *before.threads, *line.told))
        return line.model_copy(update={"told": tuple(told)})
    return line.model_copy(
        update={
            "threads": tuple(dict.fromkeys((*before.threads, *line.threads))),
            "told": tuple(dict.fromkeys((*before.told, *line.told))),
            "is_asked": before.is_asked or line.is_asked,
        }
    )


def _agrees(before: Line, after: Line) -> bool:
    one, other = before.constraint, after.constraint
    return one is None or other is None or one.key[:3] == other.key[:3]
