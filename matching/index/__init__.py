"""Candidates from a memory-mapped index of references: which of millions are worth scoring, in microseconds."""
