"""The Merkle tree of RFC 6962 §2.1 with SHA-256: roots, audit paths, and the check of a path. Pure.

Leaf = SHA256(0x00 ‖ data), node = SHA256(0x01 ‖ left ‖ right), split at the largest power of two below the
number of leaves; the empty tree's root is SHA256("").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint8]  # shape (leaves, 32)

EMPTY_ROOT = hashlib.sha256(b"").digest()
_PAIRS = 1 << 16  # hashed at a time: some 10 MB of Python objects


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> Hashes:
    """Leaf hashes as the array that `fold` takes."""
    return as_array(b"".join(map(leaf_hash, leaves)))


def as_array(digests: bytes) -> Hashes:
    return np.frombuffer(digests, dtype=np.uint8).reshape(-1, 32).copy()


def fold(hashes: Hashes, index: int | None = None) -> tuple[bytes, list[bytes]]:
    """Root over leaf hashes, and the audit path (RFC 6962 §2.1.1, lowest node first) of the leaf at `index`.

    Works level by level in place, so `hashes` is used up; a last node without a neighbour moves up unhashed,
    which is the split at the largest power of two. IndexError for a leaf that is not there.
    """
    count, sha = len(hashes), hashlib.sha256
    path: list[bytes] = []
    if index is not None and not 0 <= index < count:
        raise IndexError(f"leaf {index} of a tree of {count}")
    if count == 0:
        return EMPTY_ROOT, path
    while count > 1:
        if index is not None:
            if (neighbour := index ^ 1) < count:
                path.append(hashes[neighbour].tobytes())
            index //= 2
        pairs = count // 2
        for start in range(0, pairs, _PAIRS):
            stop = min(start + _PAIRS, pairs)
            block = hashes[2 * start : 2 * stop].reshape(-1, 64).view("V64").ravel().tolist()
            hashes[start:stop] = as_array(b"".join([sha(b"\x01" + pair).digest() for pair in block]))
        if count % 2:
            hashes[pairs] = hashes[count - 1]
        count = pairs + count % 2
    return hashes[0].tobytes(), path


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf hash and its path lead to in a tree of `size` leaves (RFC 9162 §2.1.3.2).

    None where no such path exists: too long, too short, or an index outside the tree.
    """
    if not 0 <= index < size:
        return None
    node, last = leaf, size - 1
    for neighbour in path:
        if last == 0:
            return None
        if index % 2 or index == last:
            node = node_hash(neighbour, node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = node_hash(node, neighbour)
        index, last = index // 2, last // 2
    return node if last == 0 else None
