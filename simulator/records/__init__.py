"""Generated records of persons, vehicles and documents who never were, with the truth of what matches what."""

from simulator.records.generation import LEAST_PERSONS, RecordSet, generate

__all__ = ["LEAST_PERSONS", "RecordSet", "generate"]
