"""What devices themselves tell (motion, lines, fields, tampering, inputs, plates), as observations beside our own."""
