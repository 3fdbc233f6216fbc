"""Repair tickets: what is broken, who mends it, what was done, with photos and the signature of who accepted it."""
