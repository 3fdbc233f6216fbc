"""Centers, cameras and their streams and credentials."""
