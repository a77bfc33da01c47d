"""Model files: only what the manifest lists, and only unaltered."""

import json
import shutil

import pytest

import quotes.sealed
from quotes.errors import ModelError
from quotes.models import load_classifier, model_files, read_manifest, sha256, verified, weights_folder, write_manifest
from training import ship


@pytest.fixture
def folder(tmp_path):
    """A small weights folder of its own."""
    source = weights_folder()
    (tmp_path / "stance").mkdir()
    shutil.copy(source / "stance" / "stance.joblib", tmp_path / "stance")
    write_manifest(tmp_path, {"stance": "test"})
    return tmp_path


def test_everything_shipped_is_what_the_manifest_says():
    shipped = weights_folder()
    assert {file.path for file in model_files(shipped)} == {
        path.relative_to(shipped).as_posix()
        for path in shipped.rglob("*")
        if path.is_file() and path.suffix not in (".md", ".py") and path.name != "manifest.json"
    }
    for file in model_files(shipped):
        assert sha256(shipped / file.path) == file.sha256
        assert (shipped / file.path).stat().st_size == file.n_bytes
    assert sum(file.n_bytes for file in model_files(shipped)) < 180_000_000
    assert all(file.n_bytes < 100_000_000 for file in model_files(shipped))  # hosts of repositories take no larger ones


def test_each_model_has_a_card_that_names_its_files_hash():
    shipped = weights_folder()
    for name in ("encoder", "detector", "stanza", "voiced", "stance"):
        card = (shipped / name / "CARD.md").read_text(encoding="utf-8")
        for word in ("Data", "Terms", "Scores"):
            assert word in card, f"{name}: no {word}"


def test_a_good_file_loads(folder):
    assert "temperature" in load_classifier(folder, "stance/stance.joblib")


def test_an_altered_file_is_refused(folder):
    with (folder / "stance" / "stance.joblib").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="was changed"):
        load_classifier(folder, "stance/stance.joblib")


def test_a_missing_file_is_named(folder):
    (folder / "stance" / "stance.joblib").unlink()
    with pytest.raises(ModelError, match="missing"):
        verified(folder, "stance/stance.joblib")


def test_a_file_that_the_manifest_does_not_list_is_refused(folder):
    (folder / "other.joblib").write_bytes(b"x")
    with pytest.raises(ModelError, match="is not in"):
        verified(folder, "other.joblib")


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"files": {}})])
def test_a_damaged_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="damaged"):
        read_manifest(folder)


def test_no_manifest_at_all(tmp_path):
    with pytest.raises(ModelError, match="no manifest"):
        read_manifest(tmp_path)


def test_shipping_one_model_leaves_the_others(folder, tmp_path, monkeypatch):
    (folder / "voiced").mkdir()
    (folder / "voiced" / "voiced.joblib").write_bytes(b"as it was")
    fitted = tmp_path / "build"
    fitted.mkdir()
    for name in ship.FILES["stance"]:
        (fitted / name).write_text(f"new {name}", encoding="utf-8")
    sealed = shutil.copy(quotes.sealed.__file__, tmp_path / "sealed.py")
    monkeypatch.setattr(quotes.sealed, "__file__", str(sealed))
    monkeypatch.setattr(ship, "weights_folder", lambda: folder)
    ship.ship({"stance": fitted})
    shutil.rmtree(fitted)
    assert read_manifest(folder)["versions"] == ship.VERSIONS
    assert (folder / "stance" / "stance.joblib").read_text(encoding="utf-8") == "new stance.joblib"
    assert {file.path for file in model_files(folder)} >= {"stance/reader.vectors", "voiced/voiced.joblib"}
    assert sha256(folder / "manifest.json") in sealed.read_text(encoding="utf-8")
