"""What is known: the standard, the registers, the parameters and the tables. Imports nothing of ours."""
