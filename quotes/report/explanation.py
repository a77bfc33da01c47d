"""An explanation in the terminal: the quote, its speaker with candidates and evidence, its stance with what weighed most."""

from rich.console import Console
from rich.text import Text

from quotes.explain import Explanation
from quotes.report.cells import SIGNS, new_table, print_heading, width_of
from quotes.types import Span
from quotes.visible import visible, visible_characters

_CONTEXT = 60  # characters on either side of an evidence span
_N_CANDIDATES = 5
_N_REASONS = 4


def render_explanation(explanation: Explanation, console: Console) -> None:
    """Print why a quote has its speaker and its stance."""
    quote, width = explanation.quote, width_of(console)
    print_heading(Text(visible(quote.id), style="bold"), console)
    console.print(Text(visible(quote.text)), width=width)
    console.print(_line("found", f"{quote.type}, {'said or written' if quote.voiced else 'an attitude that nobody uttered'}"), width=width)
    console.print(_line("confidence", f"{quote.confidence.quote:.2f} that this is a quote"), width=width)
    for name, spans in (("cue", quote.cue), ("source", quote.source)):
        console.print(_line(name, ", ".join(f"“{visible(span.text)}”" for span in spans) or "none"), width=width)
    console.print()
    _speaker(explanation, console)
    _stance(explanation, console)


def _speaker(explanation: Explanation, console: Console) -> None:
    speaker, width = explanation.quote.speaker, width_of(console)
    print_heading(Text("Speaker: " + ("nobody" if speaker is None else visible(speaker.name)), style="bold"), console)
    console.print(_line("why", visible(explanation.reason)), width=width)
    if speaker is not None:
        confidence = explanation.quote.confidence.speaker
        if confidence is not None:
            console.print(_line("confidence", f"{confidence:.2f} that this is the speaker"), width=width)
        console.print(_line("role", visible(speaker.role or "none given")), width=width)
        console.print(_line("affiliation", visible(speaker.affiliation or "none given")), width=width)
        for span in speaker.evidence:
            console.print(_evidence(explanation.document.text, span), width=width)
    console.print()
    if explanation.candidates:
        table = new_table(console)
        table.add_column("Candidate")
        table.add_column("Probability", justify="right")
        table.add_column("What speaks for (+) and against (−)", ratio=1)
        for ranked in explanation.candidates[:_N_CANDIDATES]:
            table.add_row(Text(visible(ranked.person.name.text)), f"{ranked.probability:.2f}", _reasons(ranked.reasons))
        console.print(table)
        if explanation.threshold is not None:
            console.print(Text(f"Somebody is named from a probability of {explanation.threshold:.2f}.", style="dim"), width=width)
        console.print()


def _stance(explanation: Explanation, console: Console) -> None:
    stance, width = explanation.quote.stance, width_of(console)
    target = (stance and stance.target) or explanation.document.target
    if stance is None or target is None:
        print_heading(Text("Stance: none asked for, the article names no pact that is known", style="bold"), console)
        return
    sign, style = SIGNS[stance.label]
    heading = Text(f"Stance toward {visible(target.name)}: ", style="bold").append(f"{sign} {stance.label}", style=style)
    print_heading(heading, console)
    for label, probability in stance.probabilities.items():
        console.print(_line(str(label), f"{probability:.2f}"), width=width)
    if stance.condition is not None:
        console.print(_line("condition", f"“{visible(stance.condition.text)}”"), width=width)
    if explanation.stance_reasons:
        console.print(_line("weighed", "").append_text(_reasons(explanation.stance_reasons, len(explanation.stance_reasons))), width=width)
    console.print()


def _line(name: str, value: str) -> Text:
    return Text(f"{name:<12} ", style="dim").append(value, style="default")


def _reasons(reasons: tuple[tuple[str, float], ...], n: int = _N_REASONS) -> Text:
    """Return features with their weight, a sign before each."""
    return Text("; ").join(Text(f"{'+' if value > 0 else '−'}{abs(value):.1f} {visible(name)}") for name, value in reasons[:n])


def _evidence(text: str, span: Span) -> Text:
    before, after = text[max(0, span.start - _CONTEXT) : span.start], text[span.end : span.end + _CONTEXT]
    line = Text(f"{'evidence':<12} ", style="dim").append(f"{span.start}–{span.end}  …", style="dim")
    line.append(_in_line(before).lstrip(), style="dim").append(_in_line(span.text), style="bold underline")
    return line.append(_in_line(after).rstrip() + "…", style="dim")


def _in_line(text: str) -> str:
    """Return part of an article on one line, with its blanks at either end."""
    return visible_characters(text.replace("\n", " "))
