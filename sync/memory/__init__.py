"""What earlier runs have learned: of an account hints, checked before they are relied on; of a job its rows, hashed."""

from sync.memory.search import Learned, recall_search, remember_search
from sync.memory.store import JobMemory

__all__ = ["JobMemory", "Learned", "recall_search", "remember_search"]
