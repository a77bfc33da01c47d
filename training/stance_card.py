"""The card of the stance model: what it learnt from, how it was made, and how far it can be relied on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sklearn
import torch

from quotes.stance import LABELS, LEAST

if TYPE_CHECKING:
    from training.stance_statements import LabelledStatement

_HEAD = """# Card: stance toward the pact (`{version}`)

What: a network reads the statement in its surroundings (300 characters before it, the rest of its paragraph after it; the pact's
names are masked): MPNet (12 layers, 768 wide), all but its lowest layers fine-tuned, in int8 but for the largest inputs of its feed-forward
layers, calibrated by a temperature of {temperature:.2f}. A label other than `none` needs {least:g}, else the model abstains.

Data: {n} statements of {n_texts} texts, labelled by language models that read them one by one with `labels/GUIDELINES.md`: quotes
found in news about pacts, White House briefings, UN General Debate;
{draws};
beside them {n_written} statements that language models wrote for this project (`labels/stance/written.jsonl`), in {n_sets} sets that
differ in little but their stance; the labels that blind readers gave to {n_read} of them have a kappa of {written_kappa:.3f} with the
authors'.
A second choice counts as 0.3 of the statement; where two readers differ, the settled label as much as both. The seeds are not among
them. Labels: {labels}; of the written ones {written_labels}.

Terms: statements of the US government CC0; UN debates CC0 as their collection states; news text is the publishers'. Only offsets and
labels are in this repository. The pretrained encoder, all-mpnet-base-v2, is Apache-2.0.

Made by: `quotes train stance fit --corpora CORPORA --out build/stance`, seed {seed}, an epoch of the written statements, then {epochs:g}
of all; torch {torch}, scikit-learn {sklearn}.

Scores: measured by the same command on {held_out} statements of articles, and {unseen} about a pact ({pact}), of which the network has seen
nothing: it learnt from {learnt} others; it was measured in int8, as it ships. The temperature comes from the held-out articles, in
ten folds grouped by article where these are measured. What ships has gone on, after the measurement, for {further:g} epochs over all
statements, so that the figures are those of a network that knew less. Intervals are 95 % bootstraps over articles. *Coverage*: the
least certain fifth left out. *Random draw*: without the statements drawn to find rare labels. *As quotes come*: quotes found in news
only, those drawn at random from what no other draw had picked standing for all of that.

| | statements | macro-F1 | at 80 % coverage | accuracy | calibration error |
|---|---|---|---|---|---|
"""
_DRAWS = {
    "conditional": "to find conditions",
    "warning": "to find warnings",
    "uncertain": "where a model was unsure",
    "rare pact": "about rarer pacts",
    "rest": "at random from what was left",
}
_PEOPLE = "| two readers, one against the other | {n} | {macro_f1:.3f} | | | (kappa {kappa:.3f}) |\n"
_EACH = """
On the held-out articles:

| | precision | recall | F1 | two readers' F1 | n |
|---|---|---|---|---|---|
"""


def _counts(statements: "Sequence[LabelledStatement]") -> str:
    counts = Counter(s.label for s in statements)
    return ", ".join(f"{counts[label]:,} {label}" for label in LABELS)


def write_card(
    path: Path, everything: Mapping[str, Any], statements: "Sequence[LabelledStatement]", *, version: str, unseen_pact: str, n_learnt: int
) -> None:
    """Write the card from what `quotes train stance fit` measured."""
    measured, people = everything["measured"], everything["people"]
    written = [s for s in statements if s.draw == "written"]
    real = [s for s in statements if s.draw != "written"]
    draws = Counter(s.draw for s in real)
    text = _HEAD.format(
        version=version,
        temperature=everything["temperature"],
        least=LEAST,
        n=f"{len(real):,}",
        n_texts=len({s.article for s in real}),
        draws=f"{draws.pop('random'):,} drawn at random, " + ", ".join(f"{n:,} {_DRAWS[name]}" for name, n in sorted(draws.items())),
        labels=_counts(real),
        n_written=f"{len(written):,}",
        n_sets=len({s.article for s in written}),
        n_read=f"{everything['people on written']['n']:,}",
        written_kappa=everything["people on written"]["kappa"],
        written_labels=_counts(written),
        seed=everything["options"]["seed"],
        epochs=everything["options"]["epochs"],
        torch=torch.__version__,
        sklearn=sklearn.__version__,
        held_out=measured["held-out articles"]["n"],
        unseen=measured["unseen pact"]["n"],
        pact=unseen_pact,
        further=everything["options"]["further"],
        learnt=f"{n_learnt:,}",
    )
    for name, found in measured.items():
        text += (
            f"| {name} | {found['n']} | {found['macro_f1']:.3f} ({found['interval'][0]:.3f}–{found['interval'][1]:.3f}) | "
            f"{found['coverage_macro_f1']:.3f} | {found['accuracy']:.3f} | {found['calibration_error']:.3f} |\n"
        )
    text += _PEOPLE.format(**people) + _EACH
    held_out = measured["held-out articles"]
    for label in LABELS:
        of = held_out["labels"][label]
        text += (
            f"| {label} | {of['precision']:.3f} | {of['recall']:.3f} | {of['f1']:.3f} ({of['interval'][0]:.3f}–{of['interval'][1]:.3f}) | "
            f"{people['labels'][label]:.3f} | {of['n']} |\n"
        )
    names = " | ".join(LABELS)
    text += f"\nConfusion there (rows: labelled, columns: found):\n\n| | {names} |\n|---|---|---|---|---|\n"
    for label, row in zip(LABELS, held_out["confusion"], strict=True):
        text += f"| {label} | {' | '.join(map(str, row))} |\n"
    text += "\nReliability there: probability of the label given, how often it is right, share of the statements:\n\n"
    text += "; ".join(f"{said:.2f}: {right:.2f} ({share:.0%})" for said, right, share in held_out["reliability"]) + ".\n"
    text += "\nFiles and SHA-256: see `../manifest.json`.\n"
    path.write_text(text, encoding="utf-8")
