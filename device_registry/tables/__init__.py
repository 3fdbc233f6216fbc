"""Tables of cameras: the files they come in, what a row means, importing and exporting."""
