"""The options that several commands share: what they are called, mean and complete to."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from quotes.report.selection import GroupBy, Sort
from quotes.types import StanceLabel


class ReportFormat(StrEnum):
    """What a report is: lines for a terminal, or a web page."""

    TEXT = "text"
    HTML = "html"


class BackendName(StrEnum):
    """Where workers are."""

    LOKY = "loky"
    DASK = "dask"


class ModelsAction(StrEnum):
    """What `quotes models` does: show everything, or only say whether all is as released."""

    LIST = "list"
    VERIFY = "verify"


class DiffFormat(StrEnum):
    """What a comparison is: lines for people, or JSON lines."""

    TEXT = "text"
    JSONL = "jsonl"


def _complete_target(incomplete: str) -> list[str]:
    from quotes.targets import builtin_targets

    return [target.name for target in builtin_targets() if target.name.casefold().startswith(incomplete.casefold())]


def _complete_format(incomplete: str) -> list[str]:
    from quotes.formats import ALL_FORMATS

    return [name for name in ALL_FORMATS if name.startswith(incomplete)]


_PATHS_HELP = "Articles: text, web pages, JSON lines, folders of these, or - for standard input."
_TARGET_HELP = "The pact to ask about, instead of the one named most."
_TARGETS_HELP = r"More pacts: TOML tables [\[target]] with a name and aliases."
_NLP_HELP = "Stanza's official English models, instead of our own."
_TRUST_HELP = "Read models that did not come with this package (--nlp). Only if you trust who made them."
_FORMAT_HELP = "jsonl, json, csv, html, parquet, jsonld (Web Annotation) or brat; without it by the ending of the file, else jsonl."
_OUTPUT_HELP = "The file to write, instead of standard output."
_DATA_OUTPUT_HELP = "The file to write, instead of standard output; an empty folder for brat; a folder or URL for a corpus run."
_JOBS_HELP = "Processes; each loads the models and uses one thread. -1 is one a core."
_TIMEOUT_HELP = "The longest that one article may take; one that takes longer fails, and the others go on."
_MEMORY_HELP = "The most that one process may allocate, in GB, where the platform can hold it to that."
_QUIET_HELP = "No progress and no notes. Articles that fail are named all the same."
_VERBOSE_HELP = "Tell on standard error what is done and how long it takes."
_STANCE_HELP = "Only quotes with this stance; may be given several times."
_SPEAKER_HELP = "Only quotes of speakers with this in their name, case apart."
_GROUP_HELP = "Gather quotes under this, instead of under their articles."
_CONFIDENCE_HELP = "Leave out quotes that are less probable than this."
_CONFIG_HELP = "Options from a TOML file, instead of quotes.toml here or the user's own."

Paths = Annotated[list[str], typer.Argument(metavar="PATH", help=_PATHS_HELP, show_default=False)]
TargetName = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help=_TARGET_HELP, envvar="QUOTES_TARGET", autocompletion=_complete_target)
]
TargetsFile = Annotated[
    Path | None, typer.Option("--targets", metavar="FILE", exists=True, dir_okay=False, help=_TARGETS_HELP, envvar="QUOTES_TARGETS")
]
NlpFolder = Annotated[Path | None, typer.Option("--nlp", metavar="DIR", exists=True, file_okay=False, help=_NLP_HELP, envvar="QUOTES_NLP")]
Trust = Annotated[bool, typer.Option("--trust", help=_TRUST_HELP)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=_QUIET_HELP, envvar="QUOTES_QUIET")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help=_VERBOSE_HELP, envvar="QUOTES_VERBOSE")]
ShowAll = Annotated[bool, typer.Option("--all", help="Show attitudes that nobody uttered as well.", envvar="QUOTES_ALL")]
MinConfidence = Annotated[float, typer.Option(min=0.0, max=1.0, help=_CONFIDENCE_HELP, envvar="QUOTES_MIN_CONFIDENCE")]
Stances = Annotated[list[StanceLabel] | None, typer.Option("--stance", help=_STANCE_HELP, envvar="QUOTES_STANCE")]
SpeakerWords = Annotated[str | None, typer.Option("--speaker", metavar="NAME", help=_SPEAKER_HELP)]
GroupByName = Annotated[GroupBy | None, typer.Option("--group-by", help=_GROUP_HELP, envvar="QUOTES_GROUP_BY")]
SortName = Annotated[Sort, typer.Option("--sort", help="The order of quotes in an article or group.", envvar="QUOTES_SORT")]
Full = Annotated[bool, typer.Option("--full", help="Shorten nothing; show cue, source and all probabilities too.", envvar="QUOTES_FULL")]
ReportFormatName = Annotated[
    ReportFormat | None, typer.Option("--format", "-f", help="text, or html for a web page; without it by the ending of the file.")
]
FormatName = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="NAME", help=_FORMAT_HELP, envvar="QUOTES_FORMAT", autocompletion=_complete_format),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", metavar="N", help=_JOBS_HELP, envvar="QUOTES_JOBS")]
Backend = Annotated[BackendName, typer.Option("--backend", help="Where the workers are: processes here, or a Dask cluster.")]
Scheduler = Annotated[str | None, typer.Option("--scheduler", metavar="URL", help="The address of Dask's scheduler: tcp://HOST:8786.")]
Unordered = Annotated[bool, typer.Option("--unordered", help="Write shards as they are done. What they hold is the same.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Try the articles again that failed before.")]
Timeout = Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", min=0.01, help=_TIMEOUT_HELP)]
MaxMemory = Annotated[float | None, typer.Option("--max-memory", metavar="GB", min=0.01, help=_MEMORY_HELP)]
Dedupe = Annotated[bool, typer.Option("--dedupe", help="Leave out articles that are copies of earlier ones, word for word or nearly.")]
Similarity = Annotated[float, typer.Option("--similarity", min=0.5, max=1.0, help="How alike two articles must be for --dedupe.")]
ShardSize = Annotated[int, typer.Option("--shard-size", metavar="N", min=1, help="Articles a shard of a corpus run.")]
DataOutput = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help=_DATA_OUTPUT_HELP)]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help=_OUTPUT_HELP)]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help=_CONFIG_HELP, envvar="QUOTES_CONFIG")]
