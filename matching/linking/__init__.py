"""Two files of records compared whole: weights by EM without labels, batches that survive a kill."""
