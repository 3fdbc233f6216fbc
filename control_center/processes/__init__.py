"""The processes of one machine: what each runs, the locks they hold, and the supervisor that keeps them alive."""
