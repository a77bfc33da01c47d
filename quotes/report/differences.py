"""Two runs compared, in a terminal."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from quotes.diff import Difference, Kind
from quotes.report.cells import counted, print_heading, width_of
from quotes.visible import visible

_SIGNS = {Kind.APPEARED: ("+", "green"), Kind.VANISHED: ("-", "red")}


def render_differences(differences: Iterable[Difference], console: Console) -> Counter[Kind]:
    """Print the differences under their articles and how many there are of each kind; return these numbers."""
    counts: Counter[Kind] = Counter()
    article = None
    for difference in differences:
        if difference.article != article:
            article = difference.article
            print_heading(Text(visible(article), style="bold"), console)
        counts[difference.kind] += 1
        console.print(_line(difference), width=width_of(console))
        console.print()
    if not counts:
        console.print(Text("No differences."))
        return counts
    several = ", ".join(f"{kind} {n:,}" for kind, n in counts.most_common())
    console.print(Text(f"{counted(counts.total(), 'difference')}: {several}.", style="bold"))
    return counts


def _line(difference: Difference) -> Text:
    sign, style = _SIGNS.get(difference.kind, ("~", "yellow"))
    text = Text().append(f"{sign} {difference.kind}", style=style)
    if difference.quote is not None:
        text.append(f" {visible(difference.quote).rpartition(':')[2]}")
    if difference.before is not None and difference.after is not None:
        text.append(f": {visible(difference.before)} → {visible(difference.after)}")
    else:
        told = difference.before if difference.after is None else difference.after
        text.append(f": {visible(told or '')}" + ("" if difference.kind is not Kind.ARTICLE else _where(difference)))
    if difference.text and difference.kind is not Kind.CONTENT:
        text.append(f"\n  {visible(difference.text)}", style="dim")
    return text


def _where(difference: Difference) -> str:
    return ", only in the first run" if difference.after is None else ", only in the second run"
