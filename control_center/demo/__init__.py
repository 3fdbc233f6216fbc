"""A living center on one machine: six virtual cameras, sample records, and a check that the main job is done."""
