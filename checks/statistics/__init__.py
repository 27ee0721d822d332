"""The tests themselves: pure, vectorised, seeded by nothing; arrays in, frozen dataclasses out. No database, no clock.

Every test states its null, its assumptions, its smallest n, its effect and the effect's unit, and where it comes from.
Where a test has no power it refuses with a reason (applicable False) and gives no number."""
