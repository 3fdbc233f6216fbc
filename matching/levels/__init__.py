"""Which level of the model two records reach, field by field: readable for one pair, compiled for millions."""
