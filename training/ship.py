"""Put fitted models into the package: copy the files, write the manifest. What is not given stays as it is.

    python -m training.ship --encoder build/encoder --detector build/detector --stanza build/stanza/shipped \
        --voiced build/voiced --speakers build/speakers --stance build/stance

The model cards beside the weights are written by hand, but for the stance model, whose fit writes its own.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

import quotes.sealed
from quotes.models import MANIFEST, seal_of, weights_folder, write_manifest

app = typer.Typer()
FILES = {
    "encoder": ("encoder.onnx", "tokenizer.json"),
    "detector": ("detector.onnx", "linker.onnx", "settings.json"),
    "stanza": ("tokenizer.pt", "pos.pt", "lemma.pt", "depparse.pt", "resources.json"),
    "voiced": ("voiced.joblib",),
    "speakers": ("ranker.json",),
    "stance": ("reader.onnx", "reader.vectors", "stance.joblib", "CARD.md"),
}
VERSIONS = {
    "encoder": "minilm-l6-v2-int8",
    "quotes": "detector-2",
    "stanza": "ud-1",
    "voiced": "voiced-3",
    "speakers": "speakers-2",
    "stance": "stance-5",
}


def ship(folders: Mapping[str, Path]) -> None:
    """Copy the files of fitted models from their folders, by name, into the package and write the manifest anew; the others stay."""
    weights = weights_folder()
    for name, folder in folders.items():
        (weights / name).mkdir(parents=True, exist_ok=True)
        for file in FILES[name]:
            shutil.copy(folder / file, weights / name / file)
    write_manifest(weights, VERSIONS)
    seal()


def seal() -> str:
    """Write the checksum of the package's manifest into its code and return it."""
    digest = seal_of((weights_folder() / MANIFEST).read_bytes())
    path = Path(quotes.sealed.__file__)
    code = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(MANIFEST_SHA256 = )".*"', rf'\1"{digest}"', code), encoding="utf-8")
    return digest


Folder = Annotated[Path | None, typer.Option()]


@app.command()
def main(
    encoder: Folder = None,
    detector: Folder = None,
    stanza: Folder = None,
    voiced: Folder = None,
    speakers: Folder = None,
    stance: Folder = None,
) -> None:
    """Ship the models of these folders."""
    folders = {"encoder": encoder, "detector": detector, "stanza": stanza, "voiced": voiced, "speakers": speakers, "stance": stance}
    ship({name: folder for name, folder in folders.items() if folder is not None})


if __name__ == "__main__":
    app()
