"""Make the package's table of countries from the open data set mledoze/countries (ODbL 1.0).

python -m training.gazetteer --corpora CORPORA
"""

import argparse
import json
from pathlib import Path

OUT = Path(__file__).parent.parent / "quotes" / "gazetteer" / "countries.json"


def main() -> None:
    """Write name, adjectives and capital of each country; a capital that is also its country's or a common name is left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    source = parser.parse_args().corpora / "gazetteers" / "countries.json"
    rows = []
    for country in json.loads(source.read_text(encoding="utf-8")):
        if not (country.get("independent") or country["cca2"] in ("TW", "XK", "PS", "HK")):
            continue
        name = country["name"]["common"]
        demonyms = {country.get("demonyms", {}).get("eng", {}).get(sex, "") for sex in "mf"}
        rows.append(
            {
                "name": name,
                "adjectives": sorted(word for word in demonyms if word and word != name),
                "capitals": [capital for capital in country["capital"] if capital and capital != name],
            }
        )
    OUT.write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")


if __name__ == "__main__":
    main()
