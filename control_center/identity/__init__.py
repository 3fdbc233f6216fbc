"""Who may do what, and for which centers: accounts, passwords, sessions, roles."""
