"""The slow oracle: standard, rules and indicators once more, in plain Python, from the design pages only.

It shares no code with the product. Where both agree, two readings of the same pages agree; where they
differ, one of the two is wrong or the page is open: `README.md` numbers every reading taken here.
"""
