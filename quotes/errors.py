"""What can go wrong: one root, so that a caller can catch everything of ours at once."""


class QuotesError(Exception):
    """The root of every error that `quotes` raises on purpose. The message names the value and the remedy."""


class ArticleError(QuotesError):
    """One article cannot be read or annotated. The others of the same call can.

    `article_id` names the article.
    """

    def __init__(self, article_id: str, message: str) -> None:
        super().__init__(article_id, message)
        self.article_id = article_id
        self.message = message

    def __str__(self) -> str:
        return f"{self.article_id}: {self.message}"


class ModelError(QuotesError):
    """A model file is missing, altered or not trusted."""


class TargetError(QuotesError):
    """A target is unknown or a target file is malformed."""


class UnknownQuoteError(QuotesError):
    """An article has no quote of that number or id."""
