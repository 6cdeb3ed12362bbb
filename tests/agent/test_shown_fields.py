"""A prompt stays within its budget whatever the schema, and shows what the message speaks of."""

from __future__ import annotations

from agent.prompt import fields_prompt
from agent.shown_fields import MOST_CHARS, all_fit, field_lines
from agent.training.material import Domain, MadeUpField, load_domains

WIDE = Domain(
    item="part",
    items="parts",
    fields=[
        MadeUpField(name="title", type="text", role="title"),
        *(
            MadeUpField(name=f"feature_{n}", type="category", values=[f"Alpha {n}", f"Beta {n}", f"Gamma {n}"])
            for n in range(190)
        ),
        MadeUpField(name="maker", type="category", values=[f"Firm {n}" for n in range(10_000)], words=["brand"]),
        MadeUpField(name="thread_pitch", type="number", unit="mm", low=0.2, high=6, words=["pitch"]),
        MadeUpField(name="finish", type="category", values=["Zinc", "Chrome", "Plain"], words=["coating"]),
    ],
    titles=["M3 bolt"],
)


def test_where_all_fields_fit_the_prompt_is_the_same_for_every_message() -> None:
    films = load_domains()["films"]
    assert all_fit(films)
    assert fields_prompt(films, "a comedy", {"genres"}) == fields_prompt(films)


def test_of_too_many_fields_those_that_the_message_speaks_of_are_shown() -> None:
    assert not all_fit(WIDE)
    for message, line in (
        ("something chrome", "- finish: Zinc, Chrome, Plain"),
        ("which coatings are there", "- finish: Zinc, Chrome, Plain"),
        ("a pitch of 2", "- thread_pitch: 0.2 to 6 mm"),
        ("of that brand", "- maker: a name"),
        ("under 3 mm", "- thread_pitch: 0.2 to 6 mm"),
    ):
        lines = field_lines(WIDE, message)
        assert line in lines.split("\n"), message
        assert len(lines) <= MOST_CHARS, message
    assert "- finish" not in field_lines(WIDE, "hello")
    assert "- finish" in field_lines(WIDE, "cheaper", known={"finish"}), "what is known may be changed"


def test_fields_are_shown_in_the_order_of_the_schema() -> None:
    names = [line.split(":")[0] for line in field_lines(WIDE, "chrome, pitch 2").split("\n")]
    wanted = [f"- {field.name}" for field in WIDE.fields]
    assert names == [name for name in wanted if name in names]
