"""The commands `quotes train …` and `quotes evaluate …`: one sub-command a model, one a measurement."""

import typer

from training import detector, export, stance, stanza_models
from training import evaluate as measurements

train = typer.Typer(help="Fit the models from the corpora (needs the extra: pip install 'quotes[training]').", no_args_is_help=True)
train.add_typer(stanza_models.app, name="stanza", help="Stanza's tokenizer, tagger, lemmatiser and parser.")
train.command("detector", help="The detector of quotes and names.")(detector.fit)
train.add_typer(export.app, name="export", help="PyTorch to the int8 ONNX files that ship.")
train.add_typer(stance.app, name="stance", help="The stance classifier.")
evaluate = measurements.app
