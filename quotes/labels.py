"""The label sets of the detector's heads, and the shape of its pair scores."""

QUOTE_ROLES = ("content", "cue", "source")
QUOTE_LABELS = ("O", *(f"{part}-{role}" for role in QUOTE_ROLES for part in "BI"))
NAME_TYPES = ("PERSON", "ORG", "LOC", "NORP")
NAME_LABELS = ("O", *(f"{part}-{name}" for name in NAME_TYPES for part in "BI"))
LINK_ROLES = ("content", "source")
LINK_LABELS = ("O", *(f"{part}-{role}" for role in LINK_ROLES for part in "BI"))
"""What a piece is to one cue."""
LINK_DIM = 128
"""Width of what the linker reads of a piece and of a cue."""
LINK_REACH = 128
"""Distances beyond this many pieces are one to the linker."""
