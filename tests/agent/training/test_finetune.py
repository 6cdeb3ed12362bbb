"""Training with a tiny model of random weights: what is learnt, how it goes on, and that merging changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from agent.training.adapter import WEIGHTS, merge, read
from agent.training.attention import LESSON, register
from agent.training.encoding import IGNORED, as_text, encode
from agent.training.finetune import CHECKPOINT, PROGRESS, Recipe, finetune
from agent.training.lessons import Lesson, lessons
from agent.training.material import load_bank, load_domains
from tools.errors import BadInputError, UnavailableError

CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
RECIPE = Recipe(lessons=4, messages=6, rank=2, base="tiny")


def taught(messages: int = 6) -> Iterator[Lesson]:
    return lessons({"films": load_domains()["films"]}, load_bank(), 0, messages)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as it is published, of two layers."""
    folder = tmp_path_factory.mktemp("tiny")
    words = Tokenizer(models.BPE(unk_token=None))
    words.pre_tokenizer, words.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    said = [text for lesson in islice(taught(), 20) for turn in lesson.turns for text in (lesson.system, *turn)]
    special = ["<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    words.train_from_iterator(said, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<|im_end|>", chat_template=CHAT)
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, eos_token_id=tokenizer.eos_token_id, tie_word_embeddings=True,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tokenizer_of(base: Path) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast.from_pretrained(base)


def test_a_lesson_in_tokens_says_what_it_said_and_only_plans_are_learnt(base: Path) -> None:
    tokenizer, lesson = tokenizer_of(base), next(taught(20))
    encoded = encode(lesson, tokenizer)
    wanted = {(as_text(tokenizer, lesson.system, asked), plan) for asked, plan in lesson.turns}
    got = set()
    shared = encoded.tokens[: encoded.shared]
    for own in (slice(*both) for both in pairwise(encoded.ends)):
        learnt = encoded.labels[own][encoded.labels[own] != IGNORED]
        text, plan = tokenizer.decode(torch.cat([shared, encoded.tokens[own]])), tokenizer.decode(learnt[:-1])
        assert int(learnt[-1]) == tokenizer.eos_token_id, "it learns to stop"
        while text.endswith("<|im_end|>"):
            text = text.removesuffix("<|im_end|>")
        got.add((text.removesuffix(plan), plan))
    assert got == wanted


def test_a_message_in_a_lesson_is_read_as_it_is_alone(base: Path) -> None:
    tokenizer, lesson = tokenizer_of(base), next(taught(5))
    register()
    plain, taught_in_rows = (
        LlamaForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation=name)
        for name in ("eager", LESSON)
    )
    encoded = encode(lesson, tokenizer)
    row = {"input_ids": encoded.tokens[None], "position_ids": encoded.positions[None]}
    row |= {"ends": encoded.ends, "shared": encoded.shared}
    together = taught_in_rows(**row).logits[0]
    grads, wanted = [], []
    for own, (asked, plan) in zip(pairwise(encoded.ends), lesson.turns, strict=True):
        text = as_text(tokenizer, lesson.system, asked) + plan + tokenizer.eos_token
        alone = plain(input_ids=torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])).logits[0]
        alone = alone[encoded.shared :]
        here = together[own[0] : own[0] + len(alone)]
        assert torch.allclose(here, alone, atol=1e-4)
        grads.append(here.square().mean())
        wanted.append(alone.square().mean())
    for model, losses in ((taught_in_rows, grads), (plain, wanted)):
        torch.stack(losses).sum().backward()
        assert model.model.layers[0].self_attn.q_proj.weight.grad.abs().sum() > 0
    for one, other in zip(taught_in_rows.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad, atol=1e-5)


def test_training_learns_and_its_adapter_merged_is_what_was_trained(base: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    recipe = RECIPE.model_copy(update={"lessons": 40, "learning_rate": 2e-2, "rank": 8})
    progress = finetune(base, tmp_path / "run", recipe, taught(), lambda _doing, share: seen.append(share))
    assert progress.losses[-1] < progress.losses[0] - 0.1, "what its random embeddings allow"
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    merged = tmp_path / "merged"
    merged.mkdir()
    merge(base, tmp_path / "run", merged)
    from peft import PeftModel

    plain = AutoModelForCausalLM.from_pretrained(merged, dtype=torch.float32)
    adapted = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), tmp_path / "run"
    )
    ids = torch.tensor([[5, 9, 30, 77, 123]])
    with torch.inference_mode():
        one, other = plain(input_ids=ids).logits, adapted(input_ids=ids).logits
    assert torch.allclose(one, other, atol=0.15), "but for rounding to bfloat16"
    assert not torch.allclose(one, AutoModelForCausalLM.from_pretrained(base)(input_ids=ids).logits, atol=0.15)
    assert json.loads((merged / "config.json").read_text())["model_type"] == "llama"


def test_a_stopped_training_goes_on_to_the_same_end(base: Path, tmp_path: Path) -> None:
    finetune(base, tmp_path / "whole", RECIPE, taught())

    def stop(_doing: str, share: float) -> None:
        if share >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(base, tmp_path / "stopped", RECIPE, taught(), stop)
    assert not (tmp_path / "stopped" / WEIGHTS).exists()
    assert json.loads((tmp_path / "stopped" / PROGRESS).read_text())["done"] == 2
    progress = finetune(base, tmp_path / "stopped", RECIPE, taught())
    assert progress.done == 4
    one, other = ((tmp_path / name / WEIGHTS).read_bytes() for name in ("whole", "stopped"))
    assert one == other
    assert [path.name for path in (tmp_path / "stopped" / CHECKPOINT).iterdir()] == ["4.safetensors"]


def test_a_training_begins_with_an_adapter_that_is_given(base: Path, tmp_path: Path) -> None:
    first, then = tmp_path / "first", tmp_path / "then"
    finetune(base, first, RECIPE.model_copy(update={"learning_rate": 2e-2}), taught())
    recipe = RECIPE.model_copy(update={"learning_rate": 1e-6})
    finetune(base, then, recipe, taught(), start=first)
    (scale, before), (_, after) = read(first), read(then)
    assert scale > 0
    assert before.keys() == after.keys()
    assert all(torch.allclose(before[name], after[name], atol=1e-2) for name in before), "it has barely moved"
    assert any(name.endswith("lora_B.weight") and weight.abs().max() > 1e-2 for name, weight in after.items())
    with pytest.raises(BadInputError, match="another training"):
        finetune(base, then, recipe, taught())
    with pytest.raises(BadInputError, match="of another rank"):
        finetune(base, tmp_path / "wide", recipe.model_copy(update={"rank": 4}), taught(), start=first)
    with pytest.raises(BadInputError, match="holds no adapter"):
        finetune(base, tmp_path / "none", recipe, taught(), start=tmp_path / "absent")


def test_another_training_s_folder_is_refused(base: Path, tmp_path: Path) -> None:
    finetune(base, tmp_path, RECIPE.model_copy(update={"lessons": 1}), taught())
    with pytest.raises(BadInputError, match=r"another training.*--out"):
        finetune(base, tmp_path, RECIPE, taught())


def test_one_training_at_a_time_is_in_a_folder(base: Path, tmp_path: Path) -> None:
    def begin_another(_doing: str, _share: float) -> None:
        with pytest.raises(UnavailableError, match="Another training"):
            finetune(base, tmp_path, RECIPE, taught())

    finetune(base, tmp_path, RECIPE.model_copy(update={"lessons": 2}), taught(), begin_another)


def test_what_can_t_be_trained_says_why(base: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no model that can be trained"):
        finetune(tmp_path / "absent", tmp_path / "run", RECIPE, taught())
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in base.iterdir():
        if path.name not in ("chat_template.jinja",):
            (bare / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BadInputError, match="no chat template"):
        finetune(bare, tmp_path / "run", RECIPE, taught())


def test_an_adapter_of_another_model_is_refused(base: Path, tmp_path: Path) -> None:
    finetune(base, tmp_path / "run", RECIPE.model_copy(update={"lessons": 1}), taught())
    other = tmp_path / "other"
    LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
                                 num_attention_heads=2, num_key_value_heads=2)).save_pretrained(other)  # fmt: skip
    (tmp_path / "goal").mkdir()
    with pytest.raises(BadInputError, match="not for the model"):
        merge(other, tmp_path / "run", tmp_path / "goal")
    with pytest.raises(BadInputError, match="holds no adapter"):
        merge(base, tmp_path / "absent", tmp_path / "goal")
