"""The sample generator: labelled synthetic inboxes by the reporting standard, and what falsifies them."""
