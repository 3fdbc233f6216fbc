"""Pairs that people judged: a sample drawn by strata, what it says of a threshold, and a model calibrated by it."""
