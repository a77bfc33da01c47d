"""The natural direction: imports go up the table of ARCHITECTURE.md, and only the modules named there touch what they guard."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = """
visible table frozen types errors labels decode wordpieces networks encoder stanza_encoder document tagger quotation detect voiced gazetteer
names roles titles entities surroundings antecedents institutions ministries speakers sections targets conditions sealed models stance
stance_reader stance_classifier explain identity boilerplate compressed seen inserts reading workers corpus pipeline stanza diff report
formats schema config doctor output run near_copies stores shards corpus_run commands options cli
""".split()

LABELS_ORDER = """
values journal replay sets queue learnt learning background session search layout spans guide panels view editing screens app adjudication
adjudicator adjudication_app agreement check tables align exchange transfer figures cli __main__
""".split()


def imports(path):
    """Every imported module of a file, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def stage(path):
    """The place of a module in ORDER: its own name, or its package's."""
    relative = path.relative_to(ROOT / "quotes")
    return relative.parts[0].removesuffix(".py")


MODULES = [path for path in sorted((ROOT / "quotes").rglob("*.py")) if path != ROOT / "quotes" / "__init__.py"]


def test_every_module_has_its_place():
    assert {stage(path) for path in MODULES} == set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_from_earlier_stages(path):
    own = ORDER.index(stage(path))
    for name in imports(path):
        parts = name.split(".")
        assert parts[0] not in ("training", "labels"), name
        if parts[0] == "quotes" and len(parts) > 1 and parts[1] in ORDER:
            assert ORDER.index(parts[1]) <= own, f"{path.name} imports {name}"


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("stanza", {"document", "stanza_encoder", "stanza"}),
        ("joblib", {"models", "workers"}),
        ("onnxruntime", {"networks"}),
        ("distributed", {"workers"}),
        ("typer", {"cli", "commands", "options"}),
    ],
)
def test_guarded_libraries(library, allowed):
    users = {stage(path) for path in MODULES if any(name.split(".")[0] == library for name in imports(path))}
    assert users <= allowed


def test_only_the_command_line_exits():
    for path in MODULES:
        if stage(path) not in ("cli",):
            text = path.read_text(encoding="utf-8")
            assert "sys.exit" not in text, path
            assert "SystemExit" not in text, path


LABEL_MODULES = [path for path in sorted((ROOT / "labels").rglob("*.py")) if path != ROOT / "labels" / "__init__.py"]


def label_stage(path):
    """The place of a module of `labels/` in LABELS_ORDER."""
    return path.relative_to(ROOT / "labels").parts[0].removesuffix(".py")


def test_every_label_module_has_its_place():
    assert {label_stage(path) for path in LABEL_MODULES} == set(LABELS_ORDER)


@pytest.mark.parametrize("path", LABEL_MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_labelling_imports_only_from_earlier_stages(path):
    own = LABELS_ORDER.index(label_stage(path))
    for name in imports(path):
        parts = name.split(".")
        assert parts[0] != "training", name
        if parts[0] == "labels" and len(parts) > 1 and parts[1] in LABELS_ORDER:
            assert LABELS_ORDER.index(parts[1]) <= own, f"{path.name} imports {name}"


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("textual", {"panels", "view", "screens", "app", "adjudication_app"}),
        ("filelock", {"journal"}),
        ("krippendorff", {"agreement"}),
        ("typer", {"cli", "figures"}),
    ],
)
def test_guarded_libraries_of_labelling(library, allowed):
    users = {label_stage(path) for path in LABEL_MODULES if any(name.split(".")[0] == library for name in imports(path))}
    assert users <= allowed
