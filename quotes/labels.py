"""The label sets of the detector's heads, and the shape of its pair scores."""

QUOTE_ROLES = ("content", "cue", "source")
QUOTE_LABELS = ("O", *(f"{part}-{role}" for role in QUOTE_ROLES for part in "BI"))
NAME_TYPES = ("PERSON", "ORG", "LOC", "NORP")
NAME_LABELS = ("O", *(f"{part}-{name}" for name in NAME_TYPES for part in "BI"))
PAIR_DIM = 128
"""Width of the query and key vectors of the cue-to-token scores."""
PAIR_REACH = 128
"""Distances beyond this many pieces share one learned bias."""
