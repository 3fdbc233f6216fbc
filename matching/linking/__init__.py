"""Two files of records compared whole: levels by a compiled kernel, weights by EM, batches that survive a kill."""
