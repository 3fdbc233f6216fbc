"""6+4 comparison: key-person lists, reference databases, normalising, keys, scoring and hits."""
