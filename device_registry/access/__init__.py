"""What else opens a device: its users, its certificate, tokens of cameras that post."""
