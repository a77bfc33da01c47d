"""Put fitted models into the package: copy the files, write the manifest.

    python -m training.ship --encoder build/encoder --detector build/detector --stanza build/stanza/shipped \
        --voiced build/voiced --speakers build/speakers --stance build/stance

The model cards beside the weights are written by hand, but for the stance model, whose fit writes its own.
"""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from quotes.models import weights_folder, write_manifest

app = typer.Typer()
FILES = {
    "encoder": ("encoder.onnx", "tokenizer.json"),
    "detector": ("detector.onnx", "linker.onnx", "settings.json"),
    "stanza": ("tokenizer.pt", "pos.pt", "lemma.pt", "depparse.pt", "resources.json"),
    "voiced": ("voiced.joblib",),
    "speakers": ("ranker.json",),
    "stance": ("reader.onnx", "stance.joblib", "CARD.md"),
}
VERSIONS = {
    "encoder": "minilm-l6-v2-int8",
    "quotes": "detector-2",
    "stanza": "ud-1",
    "voiced": "voiced-3",
    "speakers": "speakers-2",
    "stance": "stance-2",
}


def ship(encoder: Path, detector: Path, stanza: Path, voiced: Path, speakers: Path, stance: Path) -> None:
    """Copy each model's files from its folder into the package and write the manifest anew."""
    weights = weights_folder()
    for (name, files), folder in zip(FILES.items(), (encoder, detector, stanza, voiced, speakers, stance), strict=True):
        (weights / name).mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(folder / file, weights / name / file)
    write_manifest(weights, VERSIONS)


Folder = Annotated[Path, typer.Option()]


@app.command()
def main(encoder: Folder, detector: Folder, stanza: Folder, voiced: Folder, speakers: Folder, stance: Folder) -> None:
    """Ship the models of six folders."""
    ship(encoder, detector, stanza, voiced, speakers, stance)


if __name__ == "__main__":
    app()
