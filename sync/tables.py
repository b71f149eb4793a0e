"""Single values out of pandas columns, as plain Python values.

What enters: a column and a label. What leaves: a text or a number. What never happens here: changing a column.
"""

import pandas as pd


def text_at(column: pd.Series, label: int) -> str:
    """The text at a row's label; the empty text where it is missing."""
    value = column.at[label]
    return "" if pd.isna(value) else str(value)  # type: ignore[arg-type]  # the stubs cannot know that it is a text


def number_at(column: pd.Series, label: int) -> int:
    """The whole number at a row's label."""
    return int(column.at[label])  # type: ignore[arg-type]  # the stubs cannot know that it is a number


def present(rows: pd.DataFrame, label: int) -> dict[str, str]:
    """The texts of one row that are not missing, by column."""
    return {str(name): str(value) for name, value in rows.loc[label].items() if not pd.isna(value)}


def labels(index: pd.Index) -> list[int]:
    """A row index as whole numbers."""
    return [int(label) for label in index]
