"""How evenly amounts are spread over classes."""

from __future__ import annotations

import numpy as np


def relative_entropy(amounts: np.ndarray, *, k: int | None = None) -> np.ndarray:
    """Shannon entropy of each row's shares over ln k: 0 all in one class, 1 all k classes equal.

    Parameters
    ----------
    amounts : (n, classes), at least 0: areas or counts by class.
    k : number of classes of the scheme; None: the number of columns. Classes that are absent count.

    Returns
    -------
    (n,) values 0–1; NaN where a row sums to 0.
    """
    classes = amounts.shape[1] if k is None else k
    if classes < max(2, amounts.shape[1]):
        raise ValueError(f"k must be at least 2 and at least the {amounts.shape[1]} columns; it is {classes}")
    total = amounts.sum(axis=1, keepdims=True)
    shares = np.divide(amounts, total, out=np.zeros(amounts.shape), where=total > 0)
    terms = shares * np.log(shares, out=np.zeros(shares.shape), where=shares > 0)
    entropy = np.clip(np.abs(terms.sum(axis=1)) / np.log(classes), 0, 1)
    return np.where(total[:, 0] > 0, entropy, np.nan)
