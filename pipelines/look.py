"""What a CSV's bytes look like, seen in one pass: whether the fast reader may be believed.

DuckDB's reader forgives: a comma too many, blanks around quotes, blank lines, lone carriage returns. The standard
does not. Where the bytes leave no room for forgiveness (as many commas and line ends as the declared rows need,
no control characters, sound UTF-8), both mean the same and the fast way is taken; everything else is cut
carefully, line by line.
"""

from __future__ import annotations

import codecs

import numpy as np


class Look:
    """Counts over the bytes of one file; feed it every chunk in order, then `finish`."""

    def __init__(self) -> None:
        self.size = self.commas = self.feeds = self.returns = self.pairs = 0
        self.has_quotes = self.has_controls = False
        self.is_utf8 = True
        self.last = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self.cjk = self.other = 0  # wide characters, read as UTF-8

    def see(self, chunk: bytes) -> None:
        if not chunk:
            return
        octets = np.frombuffer(chunk, dtype=np.uint8)
        feeds = int(np.count_nonzero(octets == 10))
        returns = int(np.count_nonzero(octets == 13))
        low = int(np.count_nonzero(octets < 32))
        self.has_controls = self.has_controls or low != feeds + returns or bool((octets == 127).any())
        self.commas += int(np.count_nonzero(octets == 44))
        self.feeds += feeds
        self.returns += returns
        if returns or self.last == b"\r":
            self.pairs += chunk.count(b"\r\n") + (self.last == b"\r" and chunk[:1] == b"\n")
        self.has_quotes = self.has_quotes or b'"' in chunk
        self.size += len(chunk)
        self.last = chunk[-1:]
        if self.is_utf8 and (self._decoder is not None or not chunk.isascii()):
            self._decode(chunk, final=False)

    def finish(self) -> Look:
        if self._decoder is not None and self.is_utf8:
            self._decode(b"", final=True)
        return self

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self.is_utf8 = False
            return
        if self.cjk + self.other < 1000:  # enough to know the script
            wide = [letter for letter in text.removeprefix("\ufeff") if letter > "\x7f"]
            cjk = sum("\u2e80" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef" for letter in wide)
            self.cjk += cjk
            self.other += len(wide) - cjk

    @property
    def reads_as_chinese_utf8(self) -> bool:
        """Bytes that make sense as UTF-8 and nothing but Chinese: no GB18030 text of some length looks like that."""
        return self.is_utf8 and self.cjk >= 2 and self.other == 0

    def is_plain(self, rows: int, newline: str) -> bool:
        """One line a row, all ended alike, no control characters: nothing a line could hide."""
        return (
            not self.has_controls
            and self.feeds == rows + 1 - (self.last != b"\n")
            and self.returns == self.pairs == (self.feeds if newline == "\r\n" else 0)
        )
