"""An adjudicator's session: the cases as the queue, and decisions that hold the whole annotation, as votes may change later."""

from dataclasses import replace

from labels.adjudication import Case, first_draft
from labels.journal import Event, Journal
from labels.session import Session
from labels.sets import LabelSet
from labels.values import Status, with_decision


class AdjudicationSession(Session):
    """Starts each case from the vote with the decision of most annotators, undecided."""

    def __init__(self, label_set: LabelSet, name: str, journal: Journal, cases: list[Case]) -> None:
        drafts = {
            case.item.id: replace(
                case.item, draft=replace(first_draft(case), stance=None, is_quote=True, status=Status.OPEN, flagged=False)
            )
            for case in cases
        }
        super().__init__(label_set, name, journal, list(drafts), drafts=drafts)

    def decide(self, decision: str) -> None:
        """Write gold for the current case, whole, and go to the next open one."""
        here = self._here()
        gold = with_decision(self.annotation, decision)
        self._write(Event("put", here, gold.to_dict(), next=self._next_open(here) or here, seconds=self._elapsed()))
