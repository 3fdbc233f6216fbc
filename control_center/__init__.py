"""What people meet: identity, alerts, the API and its console, and the command that runs it all."""
