"""The commands `quotes train …`: one sub-command a model, and the measurements of what ships."""

import typer

from training import detector, evaluate, export, ship, silver, stance, stanza_models

train = typer.Typer(help="Fit the models from the corpora (needs the extra: pip install 'quotes[training]').", no_args_is_help=True)
train.add_typer(stanza_models.app, name="stanza", help="Stanza's tokenizer, tagger, lemmatiser and parser.")
train.command("silver", help="Silver names for news, from a spaCy pipeline.")(silver.main)
train.command("detector", help="The detector of quotes and names.")(detector.fit)
train.add_typer(export.app, name="export", help="PyTorch to the int8 ONNX files that ship.")
train.add_typer(stance.app, name="stance", help="The stance classifier.")
train.command("ship", help="Put fitted models into the package.")(ship.main)
train.add_typer(evaluate.app, name="measure", help="Scores of what ships; the gate before a release.")
