"""What earlier runs have learned about an account: hints, each of which a later run checks before it relies on it."""

from sync.memory.search import Learned, recall_search, remember_search

__all__ = ["Learned", "recall_search", "remember_search"]
