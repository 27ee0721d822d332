"""What must hold: rules, detectors, contracts and their verdicts. Imports warehouse, never pipelines."""
