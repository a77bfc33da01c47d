"""Who said what, in which role, and where they stand on the pact.

import quotes
document = quotes.annotate(text, target="GSOMIA")
"""

from typing import TYPE_CHECKING, Any

from quotes.errors import ArticleError, ModelError, QuotesError, TargetError
from quotes.types import Article, Document, Quote, Speaker, Stance

if TYPE_CHECKING:
    from quotes.models import load_own
    from quotes.pipeline import Annotator, annotate
    from quotes.stance_classifier import StanceClassifier

__version__ = "0.6.0"
__all__ = [
    "Annotator",
    "Article",
    "ArticleError",
    "Document",
    "ModelError",
    "Quote",
    "QuotesError",
    "Speaker",
    "Stance",
    "StanceClassifier",
    "TargetError",
    "annotate",
    "load_own",
]


def __getattr__(name: str) -> Any:
    """Load the models' libraries only when they are needed, so that `quotes --help` answers at once."""
    if name in ("Annotator", "annotate"):
        from quotes import pipeline

        return getattr(pipeline, name)
    if name == "StanceClassifier":
        from quotes.stance_classifier import StanceClassifier

        return StanceClassifier
    if name == "load_own":
        from quotes.models import load_own

        return load_own
    raise AttributeError(f"module 'quotes' has no attribute {name!r}")
