"""Hostile articles: each shape makes a text of about so many characters that some stage could choke on."""

import random
from collections.abc import Callable

Shape = Callable[[int], str]
SHAPES: dict[str, Shape] = {}
_NAMES = "Ann Lee Park Jin Kim Omar Vega Mori Kent Tan Rao Novak Silva Okoye Meyer Dubois Haddad Sato Costa Berg".split()


def shape(function: Shape) -> Shape:
    """Register a shape under its function's name."""
    SHAPES[function.__name__.replace("_", "-")] = function
    return function


def repeated(unit: str, n_chars: int) -> str:
    """Return a unit over and over, cut to a length."""
    return (unit * (n_chars // len(unit) + 1))[:n_chars]


def different_words(n_chars: int, capital: bool) -> list[str]:
    """Return as many invented words as make about so many characters, none twice."""
    rng = random.Random(1)
    words, length = [], 0
    while length < n_chars:
        word = "".join(rng.choice(pair) for pair in ["bdfgklmnprst", "aeiou"] * 3)
        word = word.capitalize() if capital else word
        words.append(word)
        length += len(word) + 1
    return words


@shape
def news(n_chars: int) -> str:
    """Return what an article looks like, as the measure of all others."""
    unit = (
        "“We will stay in the pact,” Foreign Minister Ann Lee told reporters in Seoul on Monday after the talks.\n"
        "Japan may leave if the export curbs are not lifted, said Kent Mori, a spokesman for the ministry. He added that talks go on.\n"
        "The two countries signed the General Security of Military Information Agreement in 2016, and it is renewed every year.\n"
    )
    return repeated(unit, n_chars)


@shape
def he_said(n_chars: int) -> str:
    """Return a cue and a pronoun without end."""
    return repeated("He said ", n_chars)


@shape
def he_said_sentences(n_chars: int) -> str:
    """Return very many sentences, each with a cue and a pronoun."""
    return repeated("He said so. ", n_chars)


@shape
def quoted_said_lines(n_chars: int) -> str:
    """Return very many quotes, a line each."""
    return repeated("“We stay in NATO,” he said.\n", n_chars)


@shape
def quoted_said_one_line(n_chars: int) -> str:
    """Return very many quotes on one line."""
    return repeated("“We will stay in NATO,” Ann Lee said. ", n_chars)


@shape
def uncued_quotes_one_line(n_chars: int) -> str:
    """Return very many quotations without a cue on one line."""
    return repeated("“We will stay in the pact for ever.” ", n_chars)


@shape
def cue_then_quotes_one_line(n_chars: int) -> str:
    """Return cues and uncued quotations in turn on one line: each may own what follows."""
    return repeated("“We will stay in the pact,” Ann Lee said. “We will stay in it for ever.” “We will not ever leave the pact.” ", n_chars)


@shape
def one_name(n_chars: int) -> str:
    """Return one name without end."""
    return repeated("Ann Lee ", n_chars)


@shape
def surnames_said(n_chars: int) -> str:
    """Return a last name that speaks without end."""
    return "Ann Lee spoke.\n" + repeated("Lee said the pact stays.\n", n_chars)


@shape
def different_names(n_chars: int) -> str:
    """Return sentences with a new full name each."""
    words = different_words(n_chars // 3, capital=True)
    return "".join(f"{a} {b} said the pact would stay. " for a, b in zip(words[::2], words[1::2], strict=False))[:n_chars]


@shape
def different_names_lines(n_chars: int) -> str:
    """Return lines with a new minister each who speaks, and a pronoun that follows."""
    words = different_words(n_chars // 4, capital=True)
    pairs = zip(words[::2], words[1::2], strict=False)
    return "".join(f"Defense Minister {a} {b} said the pact would stay.\nShe added that talks would go on.\n" for a, b in pairs)[:n_chars]


@shape
def namesakes(n_chars: int) -> str:
    """Return people of one last name, each with another first name, and the last name alone between them."""
    words = different_words(n_chars // 3, capital=True)
    return "".join(f"{word} Lee said no. Lee said the pact stays.\n" for word in words)[:n_chars]


@shape
def titles(n_chars: int) -> str:
    """Return one title that never ends."""
    return repeated("Deputy Assistant Senior ", n_chars - 40) + " Minister Ann Lee said the pact stays."


@shape
def listed_names(n_chars: int) -> str:
    """Return one list of names that all speak."""
    rng = random.Random(2)
    names = [f"{rng.choice(_NAMES)} {rng.choice(_NAMES)}" for _ in range(n_chars // 10)]
    return ", ".join(names)[: n_chars - 30] + " and Ann Lee said the pact stays."


@shape
def pact(n_chars: int) -> str:
    """Return one pact without end."""
    return repeated("GSOMIA ", n_chars)


@shape
def all_pacts(n_chars: int) -> str:
    """Return several pacts in turn."""
    return repeated("NATO and AUKUS and GSOMIA and the Mutual Defense Treaty, he said. ", n_chars)


@shape
def short_lines(n_chars: int) -> str:
    """Return lines of one word."""
    return repeated("Pact\n", n_chars)


@shape
def one_sentence(n_chars: int) -> str:
    """Return one sentence without an end."""
    return repeated("and the minister of the country that had signed the pact with the other country ", n_chars - 1) + "."


@shape
def one_line_one_quote(n_chars: int) -> str:
    """Return one quotation without an end on one line."""
    return "“" + repeated("we will stay in the pact and ", n_chars - 20) + ",” Ann Lee said."


@shape
def one_word(n_chars: int) -> str:
    """Return one word of letters."""
    return "a" * n_chars


@shape
def one_capital_word(n_chars: int) -> str:
    """Return one word of capitals."""
    return "A" * n_chars


@shape
def capitals(n_chars: int) -> str:
    """Return capital letters with spaces."""
    return repeated("A ", n_chars)


@shape
def capitalised(n_chars: int) -> str:
    """Return capitalised words."""
    return repeated("The Minister Of State For ", n_chars)


@shape
def initials(n_chars: int) -> str:
    """Return initials with full stops."""
    return repeated("A.B. ", n_chars)


@shape
def of(n_chars: int) -> str:
    """Return one preposition."""
    return repeated("of the ", n_chars)


@shape
def digits(n_chars: int) -> str:
    """Return one number."""
    return repeated("1234567890", n_chars)


@shape
def spaces(n_chars: int) -> str:
    """Return spaces between two words."""
    return "He said" + " " * (n_chars - 20) + "the pact stays."


@shape
def blank_line(n_chars: int) -> str:
    """Return one line of spaces between two others."""
    return "He said no.\n" + " " * (n_chars - 40) + "\n“The pact stays,” he said."


@shape
def tabs_and_lines(n_chars: int) -> str:
    """Return blank lines of blanks."""
    return "He said" + repeated(" \t\r\n", n_chars - 20) + "the pact stays."


@shape
def quotation_marks(n_chars: int) -> str:
    """Return straight quotation marks."""
    return '"' * n_chars


@shape
def opening_marks(n_chars: int) -> str:
    """Return opening quotation marks."""
    return "“" * n_chars


@shape
def nested_quotes(n_chars: int) -> str:
    """Return quotations in quotations."""
    n = n_chars // 26
    return "".join("“He said, ‘she said " for _ in range(n)) + "the pact stays" + "’ ” " * n


@shape
def marks_lines(n_chars: int) -> str:
    """Return unclosed quotations, a line each."""
    return repeated("“He said the pact stays for ever\n", n_chars)


@shape
def apostrophes(n_chars: int) -> str:
    """Return single marks."""
    return repeated("'` ’‘ ", n_chars)


@shape
def brackets(n_chars: int) -> str:
    """Return opening brackets."""
    return "(" * n_chars


@shape
def bracketed_acronyms(n_chars: int) -> str:
    """Return acronyms in brackets without end."""
    return repeated("Centre for Strategic Studies (CSS) ", n_chars)


@shape
def commas(n_chars: int) -> str:
    """Return commas."""
    return repeated(", ", n_chars)


@shape
def full_stops(n_chars: int) -> str:
    """Return full stops."""
    return repeated(". ", n_chars)


@shape
def dashes(n_chars: int) -> str:
    """Return quotations that dashes sign."""
    return repeated("“We will stay in the pact for ever.” ― Ann Lee\n", n_chars)


@shape
def inserts(n_chars: int) -> str:
    """Return headlines set after names, as one site does."""
    return repeated("Sen. Ann Lee Ann Marie LeeSenate votes on pact MORE (R-Iowa) said it stays. ", n_chars)


@shape
def ends_of_inserts(n_chars: int) -> str:
    """Return ends of such headlines, with names before them that nearly repeat."""
    return repeated("A B C (D) e F A B C (D) e G MORE ", n_chars)


@shape
def credits(n_chars: int) -> str:
    """Return opening brackets with an agency, as captions end."""
    return repeated("(AP ", n_chars)


@shape
def conditions(n_chars: int) -> str:
    """Return one statement of conditions."""
    return "“" + repeated("if only until we leave unless ", n_chars - 30) + ",” NATO said."


@shape
def emoji(n_chars: int) -> str:
    """Return signs beyond the basic plane with joiners."""
    return repeated("👩‍🚀", n_chars)


@shape
def combining(n_chars: int) -> str:
    """Return one letter under very many accents."""
    return "He said e" + "\u0301" * (n_chars - 20) + " the pact."


@shape
def ligatures(n_chars: int) -> str:
    """Return one sign that normalisation makes eighteen of."""
    return "\ufdfa" * n_chars


@shape
def chinese(n_chars: int) -> str:
    """Return a script in which each letter is a piece."""
    return repeated("部长说我们将留在条约中。", n_chars)


@shape
def bidirectional(n_chars: int) -> str:
    """Return overrides of the direction of writing and zero-width signs."""
    return repeated("\u202eHe said\u2066 \u200bno.\u200f ", n_chars)


@shape
def controls(n_chars: int) -> str:
    """Return words with as many control characters as pass."""
    return repeated("He said\x1b[31m no.\x07\x08 ", n_chars)


@shape
def private_use(n_chars: int) -> str:
    """Return characters that nobody has assigned."""
    return repeated("\ue000\U000f0000\ufffe ", n_chars)


@shape
def address(n_chars: int) -> str:
    """Return one address of the Web."""
    return "https://example.org/" + repeated("a/b-c_d?e=f&", n_chars - 20)


@shape
def soup(n_chars: int) -> str:
    """Return words that matter to some stage, in a random order."""
    rng = random.Random(3)
    words = (
        "“ ” \" ' ’ ( ) , . ― \n — said he she they who we it the of and if President Minister Ann Lee Kim Seoul Tokyo U.S. NATO GSOMIA "
        "official, spokesman according to D-Va. ’s Jr. (AP) State Department would 2016 not stay"
    ).split(" ")
    parts, length = [], 0
    while length < n_chars:
        word = rng.choice(words)
        parts.append(word)
        length += len(word) + 1
    return " ".join(parts)[:n_chars]
