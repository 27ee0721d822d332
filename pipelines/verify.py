"""Verification by anyone, offline: proofs, receipts, HEADs, and a whole home against its lake.

Every function returns the problems it found, in words, and an empty list where all holds; it never raises on
what it is given to verify. Each problem begins with its kind: altered, deleted, truncated, reordered, forked,
signature, unsealed (files that HEAD does not count yet), unreadable, stranger (a file that is none of ours).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.merkle import fold, leaf_hash, leaf_hashes, root_from_path
from pipelines.receipts import (
    HEAD_FORMAT,
    KEY_ID,
    PROOF_FORMAT,
    RECEIPT_FORMAT,
    RECEIPT_KEYS,
    Head,
    Receipt,
    SealError,
    canonical,
    receipt_name,
)  # fmt: skip
from warehouse.standard import load

HEAD_KEYS = {
    "format", "number", "receipt", "receipts_root", "sealed_at", "key_id", "public_key", "signature",
}  # fmt: skip
PROOF_KEYS = {
    "format", "platform_code", "order_id", "leaf", "index", "tree_size", "path", "receipt", "receipt_path",
    "head",
}  # fmt: skip
_RECEIPT_FILE = re.compile(r"([0-9]{9,})-.+\.json")


def verify_file(path: Path, *, kept_head: Head | None = None, public_key: str | None = None) -> list[str]:
    """Verify a file (proof, list of proofs, HEAD, or a receipt with its folder) or a folder of receipts."""
    if path.is_dir():
        return verify_receipts(path, kept_head=kept_head, public_key=public_key)
    try:
        value = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        return [f"unreadable: {path.name}: {error}"]
    kind = value.get("format") if isinstance(value, dict) else None
    if kind == HEAD_FORMAT:
        return verify_head(value, public_key)
    if kind == RECEIPT_FORMAT:
        if not _RECEIPT_FILE.fullmatch(path.name) or not (path.parent / "HEAD").is_file():
            return [f"unreadable: {path.name}: a receipt is verified in its folder, beside HEAD"]
        return verify_receipts(path.parent, kept_head=kept_head, public_key=public_key)
    if isinstance(value, list) and not value:
        return [f"unreadable: {path.name} holds no proof"]
    return [
        problem
        for proof in (value if isinstance(value, list) else [value])
        for problem in verify_proof(proof, public_key)
    ]


# --- HEAD and proofs ----------------------------------------------------------------------------------------


def verify_head(head: Any, public_key: str | None = None) -> list[str]:
    """Check a HEAD's signature; without `public_key` (hex) only against the key that HEAD itself names."""
    if not isinstance(head, dict) or set(head) != HEAD_KEYS or head["format"] != HEAD_FORMAT:
        return ["unreadable: this is no HEAD of version 1"]
    if not isinstance(head["number"], int) or head["number"] < 1:
        return ["unreadable: HEAD does not count its receipts"]
    if public_key is not None and head["public_key"] != public_key:
        return [f"signature: HEAD is signed by {head['public_key']}, expected {public_key}"]
    signed = {key: value for key, value in head.items() if key != "signature"}
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["public_key"]))
        signature = bytes.fromhex(head["signature"])
        # fromhex takes capitals and blanks too: two spellings of one HEAD
        if signature.hex() != head["signature"]:
            raise ValueError("not lower-case hex")
        key.verify(signature, canonical(signed))
    except (InvalidSignature, TypeError, ValueError):
        return [f"signature: HEAD after receipt {head['number']} is not signed by the key it names"]
    return []


def verify_proof(proof: Any, public_key: str | None = None) -> list[str]:
    """Check that an order lies under a signed HEAD: leaf → order root → receipt → receipts' root → signature.

    Without `public_key` (hex, from keys/seal-1.pub) anyone's key passes: what is then shown is only that the
    proof is whole, not whose it is.
    """
    if not isinstance(proof, dict) or set(proof) != PROOF_KEYS or proof["format"] != PROOF_FORMAT:
        return ["unreadable: this is no proof of version 1"]
    receipt, head = proof["receipt"], proof["head"]
    if problems := _receipt_problems(receipt) or verify_head(head, public_key):
        return problems
    problems = _leaf_problems(proof)
    if proof["platform_code"] != receipt["platform_code"]:
        problems.append(
            f"altered: the receipt is {receipt['platform_code']}'s, not {proof['platform_code']}'s"
        )
    if proof["tree_size"] != receipt["orders_sealed"]:
        problems.append(
            f"altered: the receipt seals {receipt['orders_sealed']} rows, not {proof['tree_size']}"
        )
    if _root(proof["leaf"], proof["index"], proof["tree_size"], proof["path"]) != receipt["orders_root"]:
        problems.append("altered: the order's leaf does not lead to the root that the receipt seals")
    data = canonical(receipt).decode()
    if _root(data, receipt["number"] - 1, head["number"], proof["receipt_path"]) != head["receipts_root"]:
        problems.append("altered: the receipt does not lead to the root that HEAD signs")
    return problems


def _leaf_problems(proof: Mapping[str, Any]) -> list[str]:
    try:
        row = orjson.loads(proof["leaf"])
        is_canonical = canonical(row).decode() == proof["leaf"]
    except (TypeError, ValueError):
        return ["altered: the leaf is no JSON"]
    columns = set(load().extracts["orders"].names)
    if not is_canonical or not isinstance(row, dict) or set(row) != columns:
        return ["altered: the leaf is not the canonical JSON of an order row"]
    if row["order_id"] != proof["order_id"]:
        return [f"altered: the leaf is order {row['order_id']}, not {proof['order_id']}"]
    return []


def _root(data: Any, index: Any, size: Any, path: Any) -> str | None:
    """Hex root that a leaf's text leads to; None for anything that is no path."""
    try:
        root = root_from_path(leaf_hash(data.encode()), index, size, [bytes.fromhex(node) for node in path])
    except (AttributeError, TypeError, ValueError):
        return None
    return root.hex() if root else None


def _receipt_problems(receipt: Any) -> list[str]:
    """Its form only: whether it is the one that was sealed, the chain tells."""
    if not isinstance(receipt, dict) or set(receipt) != RECEIPT_KEYS or receipt["format"] != RECEIPT_FORMAT:
        return ["unreadable: this is no receipt of version 1"]
    texts = all(isinstance(receipt[key], str) for key in ("submission", "version_id", "orders_root"))
    numbers = all(isinstance(receipt[key], int) for key in ("number", "orders_sealed"))
    try:
        canonical(receipt)
    except TypeError as error:
        return [f"unreadable: the receipt has no canonical form: {error}"]
    return [] if texts and numbers else ["unreadable: the receipt's number, names or root have another type"]


# --- receipts -----------------------------------------------------------------------------------------------


def verify_receipts(
    folder: Path, *, kept_head: Head | None = None, public_key: str | None = None
) -> list[str]:
    """Check a folder of receipts: every file, the chain, and HEAD; and against a HEAD that someone kept.

    A truncation together with an old HEAD, or a history rewritten with the home's own key, shows only against
    a `kept_head` (a platform has one in every proof).
    """
    if not folder.is_dir():
        return [f"unreadable: {folder} is no folder"]
    files, problems = _read(folder)
    head: Any = None
    counted = max(files, default=0)
    try:
        head = orjson.loads((folder / "HEAD").read_bytes())
    except FileNotFoundError:
        if files or problems or kept_head:
            problems.append("deleted: HEAD is missing")
    except (OSError, orjson.JSONDecodeError) as error:
        problems.append(f"unreadable: HEAD: {error}")
    if head is not None:
        found = verify_head(head, public_key)
        if not found:  # what it counts is worth comparing only if it is somebody's word
            public_key, counted = head["public_key"], head["number"]
            found = _against(files, head, "HEAD")
        problems += found
    problems += _gaps(files, counted) + _links(files)
    if kept_head is not None:
        found = verify_head(kept_head, public_key)
        problems += [f"{each} (the kept HEAD)" for each in found] or _against(
            files, kept_head, "the kept HEAD"
        )
    return problems


def _read(folder: Path) -> tuple[dict[int, bytes], list[str]]:
    """Bytes of the receipts by the number in the file's name, and what is wrong with single files."""
    files: dict[int, bytes] = {}
    names: dict[int, str] = {}
    problems = []
    for path in sorted(folder.iterdir()):
        if path.name == "HEAD" or path.name.startswith("."):
            continue
        match = _RECEIPT_FILE.fullmatch(path.name)
        if not match or not path.is_file():
            problems.append(f"stranger: {path.name} is no receipt")
            continue
        number = int(match[1])
        if number in files:
            problems.append(f"forked: receipt {number} is there twice: {names[number]} and {path.name}")
            continue
        files[number], names[number] = path.read_bytes(), path.name
        problems += _file_problems(path.name, number, files[number])
    return files, problems


def _file_problems(name: str, number: int, data: bytes) -> list[str]:
    try:
        receipt = orjson.loads(data)
        is_canonical = canonical(receipt) == data
    except (TypeError, ValueError) as error:
        return [f"altered: {name} is no JSON: {error}"]
    if not is_canonical:
        return [f"altered: {name} is not canonical JSON"]
    if found := _receipt_problems(receipt):
        return [f"altered: {name}: {found[0]}"]
    if receipt["number"] != number:
        return [f"reordered: {name} holds receipt {receipt['number']} ({receipt['submission']})"]
    expected = receipt_name(receipt)
    return [] if name == expected else [f"altered: {name} holds the receipt {expected}"]


def _gaps(files: Mapping[int, bytes], counted: int) -> list[str]:
    last = max(files, default=0)
    problems = [f"deleted: receipt {number} is missing" for number in range(1, last) if number not in files]
    if last < counted:
        problems.append(f"truncated: HEAD counts {counted} receipts, the last one here is {last}")
    if last > counted:
        problems.append(f"unsealed: HEAD counts {counted} receipts, the last one here is {last}")
    return problems


def _links(files: Mapping[int, bytes]) -> list[str]:
    """Each receipt must carry the hash of the one before it."""
    hashes = {number: hashlib.sha256(data).hexdigest() for number, data in files.items()}
    places = {digest: number for number, digest in hashes.items()}
    problems = []
    for number, data in sorted(files.items()):
        try:
            carried = orjson.loads(data)["previous_receipt"]
        except (KeyError, TypeError, ValueError):
            continue  # said already
        expected = None if number == 1 else hashes.get(number - 1)
        if carried == expected or (expected is None and number != 1):  # a gap: said already
            continue
        if carried in places:
            problems.append(
                f"reordered: receipt {number} follows receipt {places[carried]}, not {number - 1}"
            )
        else:
            problems.append(
                f"altered: receipt {number} follows {carried}, receipt {number - 1} is {expected}"
            )
    return problems


def _against(files: Mapping[int, bytes], head: Head, name: str) -> list[str]:
    """The receipts a HEAD counts must be those it was signed over."""
    count = head["number"]
    kind = "altered" if name == "HEAD" else "forked"
    if count > (there := max(files, default=0)):
        said = name == "HEAD"  # by _gaps
        return [] if said else [f"truncated: {name} counts {count} receipts, the last one here is {there}"]
    last = files.get(count)
    if last is not None and hashlib.sha256(last).hexdigest() != head["receipt"]:
        return [f"{kind}: receipt {count} is not the one that {name} names"]
    if any(number not in files for number in range(1, count + 1)):
        return []  # said already
    root, _ = fold(leaf_hashes(files[number] for number in range(1, count + 1)))
    if root.hex() != head["receipts_root"]:
        return [f"{kind}: receipts 1 to {count} do not give the root that {name} signs"]
    return []


# --- a whole home -------------------------------------------------------------------------------------------


def verify_home(
    home: Path,
    connection: duckdb.DuckDBPyConnection,
    relation_sql: str,
    *,
    kept_head: Head | None = None,
) -> list[str]:
    """Check receipts, chain and HEAD, and that the lake's order rows still give every sealed root.

    `relation_sql`: all order rows of the lake, version_id and the 14 typed columns (see seal.seal_orders).
    """
    from pipelines.seal import seal_orders  # DuckDB's side is needed here only

    folder = home / "receipts"
    try:
        public_key = (home / "keys" / f"{KEY_ID}.pub").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        public_key = None
    if not folder.is_dir():
        return [f"deleted: {folder} is missing"]
    problems = verify_receipts(folder, kept_head=kept_head, public_key=public_key)
    if public_key is None and (folder / "HEAD").exists():
        problems.append(f"deleted: keys/{KEY_ID}.pub is missing")
    receipts: list[Receipt] = []
    for name in sorted(path.name for path in folder.glob("*.json")):
        data = (folder / name).read_bytes()
        if _RECEIPT_FILE.fullmatch(name) and not _file_problems(name, int(name.split("-")[0]), data):
            receipts.append(orjson.loads(data))
    try:
        roots = seal_orders(connection, relation_sql, (receipt["version_id"] for receipt in receipts))
    except (SealError, duckdb.Error) as error:
        return [*problems, f"unreadable: the lake's order rows: {error}"]
    for receipt in receipts:
        found = roots[receipt["version_id"]]
        if (found.root_hex, found.rows) != (receipt["orders_root"], receipt["orders_sealed"]):
            problems.append(
                f"altered: {receipt['submission']} ({receipt['version_id'][:12]}): the lake has {found.rows} "
                f"order rows with root {found.root_hex}, sealed were {receipt['orders_sealed']} with root "
                f"{receipt['orders_root']}"
            )
    return problems
