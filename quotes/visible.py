"""Foreign text made safe to look at: what steers a terminal or hides in a line is shown instead of done."""

import re
import unicodedata

# Begins only where blanks begin: tried at each of very many blanks, it would take the square of their number.
_PARAGRAPH = re.compile(r"(?<![ \t\r\n])[ \t\r]*+\n[ \t\r]*+\n[ \t\r\n]*+|\u2029")
_BLANKS = re.compile(r"[ \t\r\n\u2028]+")
_JOINERS = "\u200c\u200d"  # scripts other than ours, and emoji, need them
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # no format characters, and still nothing to see
# Everything that may have to be shown otherwise; a text without any of it, which is nearly every text, is left alone.
_SUSPECT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Return foreign text on one line a paragraph, with everything that steers or hides shown instead of done."""
    lines = (_BLANKS.sub(" ", paragraph).strip(" ") for paragraph in _PARAGRAPH.split(text))
    return "\n".join(visible_characters(line) for line in lines if line)


def visible_characters(text: str, *, keep: str = "") -> str:
    r"""Return the text with control, turning, zero-width and half characters shown: `␛` for ESC, `\u{202e}` for the others.

    keep: characters that stay as they are, such as line ends.
    """
    return _SUSPECT.sub(lambda match: match[0] if match[0] in keep else _visible_character(match), text)


def _visible_character(match: re.Match[str]) -> str:
    char, code = match[0], ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in _JOINERS and _joins(match.string, match.start()):
        return char
    is_hidden = char in _BLANK_LETTERS or char in "\u2028\u2029" or unicodedata.category(char) in ("Cc", "Cf", "Cs")
    return f"\\u{{{code:x}}}" if is_hidden else char


def _joins(text: str, place: int) -> bool:
    """Return whether a joiner stands between two characters of a script that has a use for it."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return bool(before and after) and ord(before) > 0x5FF and ord(after) > 0x5FF and not {before, after} & set(_JOINERS)
