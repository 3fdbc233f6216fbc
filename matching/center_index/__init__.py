"""Indexes of all that a center's store holds of lists and of reference databases."""
