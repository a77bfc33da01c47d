"""Countries with their adjectives and capitals, and the seats that stand for governments.

`countries.json` is derived from mledoze/countries and available under the Open Database License 1.0 (see LICENSE.txt here).
"""

import json
import re
from functools import cache
from importlib import resources

# What the table lacks: other names, adjectives and seats, in the forms that news uses.
_MORE: dict[str, tuple[str, ...]] = {
    "Afghanistan": ("Afghan", "Afghans"),
    "Australia": ("Australian", "Australians"),
    "Canada": ("Canadian", "Canadians"),
    "China": ("PRC", "People's Republic of China", "Zhongnanhai"),
    "Czechia": ("Czech", "Czechs", "Czech Republic"),
    "Denmark": ("Danish", "Danes"),
    "Finland": ("Finnish", "Finns"),
    "France": ("Elysee", "Élysée", "Quai d'Orsay"),
    "Germany": ("Germans", "Federal Republic of Germany"),
    "India": ("Indian", "Indians", "Delhi"),
    "Iran": ("Iranians", "Islamic Republic of Iran", "Islamic Republic", "Teheran"),
    "Israel": ("Israeli", "Israelis"),
    "Mexico": ("Mexican", "Mexicans"),
    "Myanmar": ("Burma", "Burmese"),
    "Netherlands": ("Dutch", "Holland", "Hague"),
    "New Zealand": ("New Zealander", "New Zealanders"),
    "North Korea": ("DPRK", "D.P.R.K.", "Democratic People's Republic of Korea", "North Koreans"),
    "Philippines": ("Filipinos", "Philippine", "Malacañang", "Malacanang"),
    "Poland": ("Polish", "Poles"),
    "Russia": ("Kremlin", "Russian Federation", "Russians"),
    "Saudi Arabia": ("Saudi", "Saudis"),
    "South Korea": ("ROK", "R.O.K.", "Republic of Korea", "South Koreans", "Cheong Wa Dae", "Blue House"),
    "Spain": ("Spanish", "Spaniards"),
    "Sweden": ("Swedish", "Swedes"),
    "Taiwan": ("Taiwanese",),
    "Turkey": ("Turkish", "Turks", "Türkiye"),
    "Ukraine": ("Ukrainians", "Kiev"),
    "United Arab Emirates": ("UAE", "U.A.E.", "Emirati", "Emirates"),
    "United Kingdom": ("Britain", "Great Britain", "British", "Britons", "UK", "U.K.", "Downing Street", "Whitehall"),
    "United States": (
        "U.S.",
        "US",
        "U.S.A.",
        "USA",
        "America",
        "American",
        "Americans",
        "United States of America",
        "White House",
    ),
    "Vietnam": ("Vietnamese",),
}
# Capitals that are more often something else in a sentence, or whose country is not their government's.
_NOT_SEATS = frozenset({"Washington", "Victoria", "Georgetown", "Kingston", "Hamilton", "San Jose", "San José", "Jerusalem", "Brussels"})
_SEATS = {"Washington": "United States", "Washington, D.C.": "United States", "Seoul": "South Korea", "Tokyo": "Japan"}
_STRIP = re.compile(r"^(?:the|The)\s+|['’]s?$")


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return form to country: names and adjectives, and capitals and seats."""
    rows = json.loads(resources.files(__name__).joinpath("countries.json").read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    seats: dict[str, str] = {}
    for row in rows:
        name = "Turkey" if row["name"] == "Türkiye" else row["name"]
        for form in (name, *row["adjectives"], *(a + "s" for a in row["adjectives"] if a.endswith("n"))):
            names.setdefault(form, name)
        for capital in row["capitals"]:
            if capital not in _NOT_SEATS:
                seats[capital] = name
    for name, forms in _MORE.items():
        names.update(dict.fromkeys(forms, name))
    # "Korean" alone is decided by the article (see `country_of`).
    for form in ("Korean", "Koreans"):
        names.pop(form, None)
    seats.update(_SEATS)
    return names, seats


def country_of(form: str, text: str = "") -> str | None:
    """Return the country that a name, adjective, capital or seat stands for, or `None`.

    `text` is the article: "Korea" alone means the South where the article speaks of South Korea or Seoul.
    """
    form = _STRIP.sub("", form.strip())
    names, seats = _table()
    if form in ("Korea", "Korean", "Koreans"):
        return "South Korea" if "South Korea" in text or "Seoul" in text else None
    return names.get(form) or seats.get(form)


def is_state(form: str) -> bool:
    """Tell whether a form of several words or of capitals alone can only be a state or its seat ("Cheong Wa Dae", "U.S.")."""
    return (" " in form or form.replace(".", "").isupper()) and country_of(form) is not None
