"""Where a camera would see how much: pixel density at a target, and the ground that it covers."""
