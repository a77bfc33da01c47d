"""Finding items by what stands in them or what was said of them."""

from labels.session import Session
from labels.values import Annotation, LabelError, Status

_STATES = ("flagged", "skipped", "open", "decided", "added")
_EXCERPT = 70


def find_items(session: Session, words: str) -> list[tuple[str, str]]:
    """Return items with a line about each: those of a state, or in which all the words occur, in the order of the queue."""
    wanted = words.casefold().split()
    found = []
    for place, id_ in enumerate(session.order, 1):
        annotation = session.state.annotation(id_)
        content = _content(session, id_, annotation)
        if len(wanted) == 1 and wanted[0] in _STATES:
            fits = _has_state(session, id_, annotation, wanted[0])
        else:
            speaker = "" if annotation.speaker is None else f"{annotation.speaker.name} {annotation.speaker.role}"
            text = f"{content} {speaker} {annotation.comment} {annotation.decision or ''} {id_}".casefold()
            fits = all(word in text for word in wanted)
        if fits:
            state = annotation.decision or str(annotation.status)
            found.append((id_, f"{place:>5} {state:<12} {' '.join(content.split())[:_EXCERPT]}"))
    return found


def _has_state(session: Session, id_: str, annotation: Annotation, state: str) -> bool:
    return {
        "flagged": annotation.flagged,
        "skipped": annotation.status is Status.SKIPPED,
        "open": annotation.status is Status.OPEN,
        "decided": annotation.status is Status.DONE,
        "added": id_ in session.state.added,
    }[state]


def _content(session: Session, id_: str, annotation: Annotation) -> str:
    try:
        text = session.set.text(session.item_of(id_).article)
    except LabelError:
        return ""
    return " … ".join(text[start:end] for start, end in annotation.content)
