"""The adjudicator's screen: the labelling app with every annotator's vote beside the item, sorted by disagreement."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from labels.adjudication import Case
from labels.app import LabelApp
from labels.panels import SIGNS, Shown, safe
from labels.session import Session

_FIELDS = ("content", "cue", "source", "type", "voiced")


class AdjudicationApp(LabelApp):
    """Keys as in the app; 5, 6 … (or F1, F2 …) take over an annotator's spans, type and speaker before the item is decided."""

    TITLE = "quotes label adjudicate"
    CSS = (
        LabelApp.CSS
        + """
    #model, Screen.wide #model { height: 5; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"f{number},{key}", f"take({number - 1})", f"Take vote {number}") for number, key in enumerate("56789", 1)
    ]

    def __init__(self, session: Session, cases: Sequence[Case], *, notices: Sequence[str] = (), theme: str | None = None) -> None:
        super().__init__(session, notices=notices, theme=theme)
        self._cases = {case.item.id: case for case in cases}

    def panels(self, shown: Shown) -> dict[str, Content]:
        """Return what the panels show; the votes take the place of the model's suggestion."""
        return {**super().panels(shown), "model": votes_panel(self._cases[shown.item.id])}

    def action_missed(self) -> None:
        """Say that quotes are added by annotators."""
        self.show_item("Quotes that all have missed are marked in the app: quotes label open", keep=True)

    def action_take(self, number: int) -> None:
        """Take over an annotator's spans, speaker and type; the decision remains to be made."""
        case = self._cases[self.session.item.id]
        names = list(case.votes)
        if number >= len(names):
            return

        def change() -> str:
            fields = case.votes[names[number]].to_dict()
            kept = ("content", "cue", "source", "type", "voiced", "speaker", "condition", "second")
            self.session.change(**{name: fields[name] for name in kept})
            return f"Taken from {names[number]}; now decide"

        self.attempt(change, keep=True)

    def _after_decision(self, suggested: str | None, decision: str) -> str:
        return f"Gold: {SIGNS[decision][0]} {decision.replace('-', ' ')} · u undoes"


def votes_panel(case: Case) -> Content:
    """Return each annotator's decision and in what they differ."""
    lines = [Content.styled(f"Disagreement {case.disagreement:.2f} · votes (5, 6 … take over spans and speaker)", "dim")]
    for number, (name, vote) in enumerate(case.votes.items(), 5):
        sign, colour = SIGNS[vote.decision or "none"]
        second = f", second {vote.second}" if vote.second else ""
        speaker = "nobody" if vote.speaker is None else safe(vote.speaker.name)
        note = f" · “{safe(vote.comment)}”" if vote.comment else ""
        lines.append(
            Content.assemble(
                (f"{number} {name}: ", "bold"),
                (f"{sign} {(vote.decision or '').replace('-', ' ')}", f"bold {colour}"),
                f"{second} · {vote.type} · {speaker}{note}",
            )
        )
    differs = [field for field in _FIELDS if len({getattr(vote, field) for vote in case.votes.values()}) > 1]
    if differs:
        lines.append(Content(f"They differ in: {', '.join(differs)}"))
    return Content("\n").join(lines)
