"""Benchmarks: how long a night takes (`times`), and what the detectors find (`detection`)."""
