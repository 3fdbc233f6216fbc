"""The ground that every room stands on: settings, stores, outbox, audit chain, leases, clock, identifiers, errors."""
