"""The annotator as a processor of Stanza: after `import quotes.stanza`, `processors="tokenize,quotes"` works in `stanza.Pipeline`.

A document that has passed has `quotes` (a tuple of `quotes.Quote`) and `quotes_document` (the whole `quotes.Document`). The pipeline takes
the options `quotes_target`, `quotes_targets` and `quotes_nlp`, as `quotes.Annotator` does. Sentences and names are the annotator's own.
"""

from typing import Any

from stanza.pipeline.processor import Processor, register_processor

from quotes.pipeline import Annotator

NAME = "quotes"


@register_processor(NAME)
class QuotesProcessor(Processor):  # type: ignore[misc]
    """Adds quotes with speaker and stance to a document of Stanza."""

    PROVIDES_DEFAULT = frozenset({NAME})
    REQUIRES_DEFAULT = frozenset({"tokenize"})

    def __init__(self, config: dict[str, Any], pipeline: Any, device: Any) -> None:
        super().__init__(config, pipeline, device)
        self._annotator = Annotator(config.get("target"), targets=config.get("targets"), nlp=config.get("nlp"))

    def process(self, doc: Any) -> Any:
        """Return the document with `quotes` and `quotes_document`. Raises ArticleError where its text cannot be annotated."""
        doc.quotes_document = self._annotator.annotate(doc.text)
        doc.quotes = doc.quotes_document.quotes
        return doc
