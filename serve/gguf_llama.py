"""Turns one published GGUF file of a Llama-like model into the folder that vLLM and transformers load.

transformers can read a GGUF file but not save what it has read, so the tensors are renamed here by hand.
The tokenizer is built from the file's own vocabulary and merges: transformers' GGUF reader leaves out the
single-digit split that this model was trained with.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors import SafetensorError
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from tools.errors import BadInputError

Floats = npt.NDArray[np.float32]

_CONTROL_TOKEN = 3  # GGUF's token type for tokens that never come from plain text
_OUTSIDE_BLOCKS = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
}
_IN_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def convert(gguf_file: Path, folder: Path, on_tensor: Callable[[float], None]) -> None:
    """Write configuration, bf16 weights as safetensors, tokenizer and chat template into `folder`.

    Args:
        gguf_file: a Llama-architecture model with tied embeddings and a GPT-2 style vocabulary.
        folder: an existing folder.
        on_tensor: told the share done, 0..1.

    Raises:
        BadInputError: another architecture, or a tensor that is not known here.
        OSError: the folder can't be written, for example because the disk is full.
    """
    reader = GGUFReader(gguf_file)
    if _value(reader, "general.architecture") != "llama" or _value(reader, "tokenizer.ggml.model") != "gpt2":
        raise BadInputError(f"{gguf_file.name} is not a Llama model with a GPT-2 vocabulary.")
    _write_json(folder / "config.json", _config(reader))
    _write_json(folder / "generation_config.json", _token_ids(reader))
    _write_tokenizer(reader, folder)
    save_weights(_tensors(reader, on_tensor), folder)


def save_weights(weights: dict[str, torch.Tensor], folder: Path) -> None:
    """Write `model.safetensors` into the folder.

    Raises:
        OSError: with the operating system's code, which the library itself hides in its message.
    """
    try:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:
        code = re.search(r"os error (\d+)", str(error))
        raise OSError(int(code[1]) if code else errno.EIO, str(error)) from error


def hf_name(gguf_name: str) -> str:
    """The name that transformers and vLLM give to a GGUF tensor.

    >>> hf_name("blk.7.attn_q.weight")
    'model.layers.7.self_attn.q_proj.weight'

    Raises:
        BadInputError: no such tensor in a Llama model with tied embeddings.
    """
    if gguf_name in _OUTSIDE_BLOCKS:
        return _OUTSIDE_BLOCKS[gguf_name]
    parts = gguf_name.split(".")
    if len(parts) != 4 or parts[0] != "blk" or parts[2] not in _IN_BLOCK:
        raise BadInputError(f"The weights hold an unknown tensor {gguf_name!r}.")
    return f"model.layers.{parts[1]}.{_IN_BLOCK[parts[2]]}.{parts[3]}"


def unpermute(weight: Floats, heads: int) -> Floats:
    """Undo llama.cpp's interleaving of the rotary halves in a query or key projection.

    Args:
        weight: (heads * head_dim, hidden), rows of a head as 0, d/2, 1, d/2+1, ...
        heads: query heads for attn_q, key-value heads for attn_k.

    Returns:
        The same shape, rows of a head as 0, 1, ..., d-1.
    """
    pairs = weight.reshape(heads, -1, 2, weight.shape[1])  # (heads, d/2, 2, hidden)
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def _tensors(reader: Any, on_tensor: Callable[[float], None]) -> dict[str, torch.Tensor]:
    """All weights by their new names, one dequantized to float32 at a time to keep memory low."""
    heads = {
        "attn_q": int(_value(reader, "llama.attention.head_count")),
        "attn_k": int(_value(reader, "llama.attention.head_count_kv")),
    }
    weights: dict[str, torch.Tensor] = {}
    for done, tensor in enumerate(reader.tensors, start=1):
        values: Floats = dequantize(tensor.data, tensor.tensor_type)
        kind = tensor.name.split(".")[-2]
        if kind in heads:
            values = unpermute(values, heads[kind])
        # Copied, because some arrays are read-only views of the mapped file.
        weights[hf_name(tensor.name)] = torch.from_numpy(np.array(values)).to(torch.bfloat16)
        on_tensor(done / len(reader.tensors))
    return weights


def _config(reader: Any) -> dict[str, Any]:
    theta = float(_value(reader, "llama.rope.freq_base"))
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "dtype": "bfloat16",
        "head_dim": int(_value(reader, "llama.rope.dimension_count")),
        "hidden_act": "silu",
        "hidden_size": int(_value(reader, "llama.embedding_length")),
        "intermediate_size": int(_value(reader, "llama.feed_forward_length")),
        "max_position_embeddings": int(_value(reader, "llama.context_length")),
        "mlp_bias": False,
        "num_attention_heads": int(_value(reader, "llama.attention.head_count")),
        "num_hidden_layers": int(_value(reader, "llama.block_count")),
        "num_key_value_heads": int(_value(reader, "llama.attention.head_count_kv")),
        "rms_norm_eps": round(float(_value(reader, "llama.attention.layer_norm_rms_epsilon")), 9),
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
        "rope_theta": theta,
        "tie_word_embeddings": True,
        "vocab_size": int(_value(reader, "llama.vocab_size")),
        **_token_ids(reader),
    }


def _token_ids(reader: Any) -> dict[str, int]:
    ids = {"bos_token_id": "bos", "eos_token_id": "eos", "pad_token_id": "padding"}
    return {key: int(_value(reader, f"tokenizer.ggml.{word}_token_id")) for key, word in ids.items()}


def _write_tokenizer(reader: Any, folder: Path) -> None:
    tokens: list[str] = _value(reader, "tokenizer.ggml.tokens")
    kinds: list[int] = _value(reader, "tokenizer.ggml.token_type")
    merges = [tuple(pair.split(" ")) for pair in _value(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(BPE({token: at for at, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == _CONTROL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in control])
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {key.replace("_id", ""): tokens[at] for key, at in _token_ids(reader).items()}
    _write_json(
        folder / "tokenizer_config.json",
        {
            **names,
            "unk_token": tokens[int(_value(reader, "tokenizer.ggml.unknown_token_id"))],
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            "model_max_length": int(_value(reader, "llama.context_length")),
        },
    )
    template: str = _value(reader, "tokenizer.chat_template")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")


def _value(reader: Any, key: str) -> Any:
    """A metadata value of the GGUF file: number, text or list."""
    field = reader.get_field(key)
    if field is None:
        raise BadInputError(f"The weights say nothing about {key}.")
    return field.contents()


def _write_json(path: Path, body: dict[str, Any]) -> None:
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
