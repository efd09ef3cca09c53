"""Texts as the main directions of their word counts (latent semantic analysis)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_WORDS = 4000
_DIRECTIONS = 40
_SAMPLE = 50_000


class TextEncoder:
    """TF-IDF of words and word pairs, reduced by a truncated SVD, and the text's length.

    Method: S. Deerwester et al., Indexing by Latent Semantic Analysis, JASIS 41, 1990.
    """

    categorical = False
    expects: str | None = None

    def __init__(self, column: str, vectorizer: Any, reducer: Any) -> None:
        self.column = column
        self.vectorizer = vectorizer
        self.reducer = reducer
        directions = reducer.n_components if reducer is not None else len(vectorizer.vocabulary_)
        self.names: tuple[str, ...] = (
            f"{column} (words)",
            *(f"{column} ({number})" for number in range(directions)),
        )

    @classmethod
    def fitted(cls, column: str, series: pd.Series) -> TextEncoder | None:
        """Learn words and directions from the training texts (from a sample of many).

        Returns:
            The encoder, or None where hardly any texts have a word in common.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = _texts(series)
        texts = texts[:: max(1, len(texts) // _SAMPLE)]
        vectorizer = TfidfVectorizer(
            max_features=_WORDS, ngram_range=(1, 2), min_df=min(3, len(texts)), sublinear_tf=True,
            dtype=np.float32, token_pattern=r"(?u)\b\w+\b",  # noqa: S106  # no password
        )  # fmt: skip
        try:
            counts = vectorizer.fit_transform(texts)
        except ValueError:  # no word is in three of the texts
            return None
        if counts.shape[1] <= _DIRECTIONS:
            return cls(column, vectorizer, None)
        reducer = TruncatedSVD(_DIRECTIONS, random_state=0).fit(counts)
        return cls(column, vectorizer, reducer)

    def encode(self, series: pd.Series) -> NDArray[np.float32]:
        """Return the number of words and the directions."""
        texts = _texts(series)
        counts = self.vectorizer.transform(texts)
        reduced = counts.toarray() if self.reducer is None else self.reducer.transform(counts)
        words = np.asarray([len(text.split()) for text in texts], dtype=np.float32)
        return np.column_stack([words, reduced]).astype(np.float32)


def _texts(series: pd.Series) -> list[str]:
    return [
        "" if value is None else str(value)
        for value in series.astype(object).where(series.notna(), None)
    ]
