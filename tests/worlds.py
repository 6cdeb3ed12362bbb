"""A small made-up catalogue that is not about films, and people who like parts of it: the tests' common world.

120 board games in three tastes. People of a taste like games of that taste, so that co-interaction has something
to find; a dozen games have no interactions at all, and some values are missing on purpose.
"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

TASTES = {
    "war": (["Wargame", "Strategy"], ["Siege", "Legion", "Frontier", "Cannon", "Bastion"]),
    "party": (["Party", "Humor"], ["Banter", "Charade", "Giggle", "Doodle", "Karaoke"]),
    "farm": (["Farming", "Strategy"], ["Harvest", "Orchard", "Meadow", "Barn", "Vineyard"]),
}
NOUNS = ["of Ruby", "of Jade", "of Amber", "of Onyx", "of Opal", "of Pearl", "of Topaz", "of Coral"]
DESIGNERS = ["Ada Quill", "Bruno Vance", "Cleo Marsh", "Dario Finch"]
COLD = range(108, 120)
"""Items that nobody has an interaction with."""


def games() -> list[dict[str, object]]:
    """The items: `g0` .. `g119`, the taste in turn."""
    rng = random.Random(7)
    rows = []
    for number in range(120):
        taste = list(TASTES)[number % 3]
        kinds, words = TASTES[taste]
        row: dict[str, object] = {
            "game_id": f"g{number}",
            "title": f"{words[number // 3 % 5]} {NOUNS[number // 15]}",
            "year": 1980 + number % 40,
            "kinds": kinds if number % 2 else [*kinds, "Family"],
            "minutes": 15 + 5 * (number % 30),
            "price": round(9.5 + number * 0.75, 2),
            "designer": DESIGNERS[number % 4],
            "in_stock": number % 5 != 0,
            "description": f"A {taste} game about {words[number // 3 % 5].lower()}s, for {number % 4 + 2} players, "
            f"played with {rng.choice(['dice', 'cards', 'tiles'])}.",
        }
        if number % 11 == 0:
            del row["minutes"]
        rows.append(row)
    return rows


def ratings() -> list[tuple[str, str, float, int]]:
    """(user, item, rating, timestamp): 60 people, each rating a dozen games of their taste 5 and two others 1."""
    rng = random.Random(11)
    rows = []
    for user in range(60):
        own = [n for n in range(120) if n % 3 == user % 3 and n not in COLD]
        other = [n for n in range(120) if n % 3 != user % 3 and n not in COLD]
        rows += [(f"u{user}", f"g{n}", 5.0, 1_600_000_000 + n) for n in rng.sample(own, 12)]
        rows += [(f"u{user}", f"g{n}", 1.0, 1_600_000_000 + n) for n in rng.sample(other, 2)]
    return rows


def write_world(folder: Path) -> tuple[Path, Path]:
    """The items as JSONL and the ratings as CSV."""
    items, interactions = folder / "games.jsonl", folder / "plays.csv"
    items.write_text("".join(json.dumps(row) + "\n" for row in games()), encoding="utf-8")
    with interactions.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "item", "rating", "timestamp"])
        writer.writerows(ratings())
    return items, interactions
