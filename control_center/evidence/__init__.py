"""Evidence locks: footage that no purge frees until a person lets it go, and what alerts hold meanwhile."""
