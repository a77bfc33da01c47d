"""Text to a `Document`."""
import re
_FOLD = str.maketrans("“”„«»‘’‚`", "\"\"\"\"\"''''")


def fold(text: str) -> str:
    """Return the text with typographic quotation marks made straight, character for character, so that offsets hold."""
    return text.translate(_FOLD)
