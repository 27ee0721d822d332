"""The bureau's dashboards: one page a file, every number from one published snapshot."""
