"""What opens a device: its users, its certificate, passwords of makers, tokens of cameras that post."""
