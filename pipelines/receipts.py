"""Receipts of what was sealed: a hash chain of files under a signed HEAD. Needs no database.

A receipt is one file of canonical JSON, so `sha256sum FILE` is its hash, which the next receipt carries. HEAD
counts the receipts, names the last one and the root of the RFC 6962 tree over all of them (leaf = a file's
bytes), and is signed; the proof of one order is therefore short, and whoever kept an old HEAD can tell
whether history was rewritten.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.merkle import Hashes, fold, leaf_hashes
from warehouse.home import sync_folder, write_atomically

RECEIPT_FORMAT, HEAD_FORMAT, PROOF_FORMAT = "zhibao/receipt/1", "zhibao/head/1", "zhibao/proof/1"
FACTS = (
    "submission", "version_id", "platform_code", "province_code", "business_date", "sequence",
    "manifest_digest", "extract_digests", "rows", "quarantined", "orders_root", "orders_sealed",
    "known_at", "sealed_at", "standard_version", "ruleset", "token_version", "schema_version",
)  # fmt: skip
RECEIPT_KEYS = frozenset((*FACTS, "format", "number", "previous_receipt"))
KEY_ID = "seal-1"

Receipt = dict[str, Any]
Head = dict[str, Any]


class SealError(RuntimeError):
    """What is to be sealed or proven contradicts what is stored or already sealed; the message says where."""


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON of texts, integers, nulls, lists and objects with ASCII keys, much faster than rfc8785.

    Floats are outside its use; `chain` compares every new receipt with the package rfc8785.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def receipt_hash(receipt: Receipt) -> str:
    """SHA-256 (hex) over the canonical JSON, that is over the bytes of the receipt's file."""
    return hashlib.sha256(canonical(receipt)).hexdigest()


def receipt_name(receipt: Receipt) -> str:
    return f"{receipt['number']:09d}-{receipt['submission']}-{receipt['version_id'][:12]}.json"


def chain(last: Receipt | None, facts: Iterable[Mapping[str, Any]]) -> list[Receipt]:
    """New receipts that continue the chain after `last` (None: from the start), in the order of `facts`.

    Each of `facts` has exactly the keys FACTS; dates and timestamps become text, all else must be text,
    integers, nulls, lists or objects of them. Raises SealError for other keys or values.
    """
    receipts: list[Receipt] = []
    for entry in facts:
        if set(entry) != set(FACTS):
            raise SealError(
                f"receipt of {entry.get('submission')}: keys differ in {sorted(set(entry) ^ set(FACTS))}"
            )
        previous = receipts[-1] if receipts else last
        receipt = {key: str(value) if isinstance(value, date) else value for key, value in entry.items()} | {
            "format": RECEIPT_FORMAT,
            "number": previous["number"] + 1 if previous else 1,
            "previous_receipt": receipt_hash(previous) if previous else None,
        }
        try:
            is_canonical = rfc8785.dumps(receipt) == canonical(receipt)
        except (TypeError, ValueError) as error:
            raise SealError(f"receipt of {entry['submission']}: {error}") from error
        if not is_canonical:
            raise SealError(
                f"receipt of {entry['submission']}: holds a value that is no text, integer, list or object"
            )
        receipts.append(receipt)
    return receipts


def seal_key(home: Path) -> Ed25519PrivateKey:
    """The home's signing key (keys/seal-1.key, 0600; public half in seal-1.pub), made where there is none.

    Raises SealError where a key is missing that has signed before, or where the halves do not match: a new
    key made in silence would cut off everyone who kept the old one.
    """
    private, public = home / "keys" / f"{KEY_ID}.key", home / "keys" / f"{KEY_ID}.pub"
    private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not private.exists():
        if public.exists() or (home / "receipts" / "HEAD").exists():
            raise SealError(
                f"{private} is missing, but has signed before: restore it from the backup of the keys"
            )
        temporary = private.with_suffix(".part")
        temporary.unlink(missing_ok=True)
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as handle:
            handle.write(secrets.token_hex(32))
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(private)
        sync_folder(private.parent)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private.read_text(encoding="ascii").strip()))
    text = key.public_key().public_bytes_raw().hex()
    if not public.exists():
        write_atomically(public, text.encode())
    elif public.read_text(encoding="ascii").strip() != text:
        raise SealError(f"{public} is not the public half of {private.name}")
    return key


def sign_head(key: Ed25519PrivateKey, last: Receipt, receipts_root: str) -> Head:
    """HEAD after the receipt `last`, signed (ed25519: repeatable) over the canonical JSON of the rest."""
    head = {
        "format": HEAD_FORMAT,
        "number": last["number"],
        "receipt": receipt_hash(last),
        "receipts_root": receipts_root,
        "sealed_at": last["sealed_at"],
        "key_id": KEY_ID,
        "public_key": key.public_key().public_bytes_raw().hex(),
    }
    return head | {"signature": key.sign(canonical(head)).hex()}


def read_head(home: Path) -> Head | None:
    """HEAD as it stands in the home, its signature unchecked; None before the first seal."""
    path = home / "receipts" / "HEAD"
    try:
        head = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise SealError(f"{path} is no JSON: {error}") from error
    if not isinstance(head, dict) or not isinstance(head.get("number"), int) or head["number"] < 1:
        raise SealError(f"{path} does not count its receipts")
    return head


def write_receipts(home: Path, receipts: Sequence[Receipt]) -> Head | None:
    """Bring home/receipts in line with all receipts there are, oldest first; returns HEAD (None for none).

    Writes missing files, then HEAD, each atomically; repeating it, also after a kill, changes nothing else.
    Raises SealError, and writes no receipt, where files or HEAD say more or other than `receipts`.
    """
    folder = home / "receipts"
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir() if not path.name.startswith(".")} - {"HEAD"}
    head = read_head(home)
    sealed = head["number"] if head else 0
    if sealed > len(receipts):
        raise SealError(
            f"{folder}: HEAD counts {sealed} receipts, {len(receipts)} are known: is the database an old one?"
        )
    names, previous = set(), None
    for position, receipt in enumerate(receipts, 1):
        if (receipt["number"], receipt["previous_receipt"]) != (position, previous):
            raise SealError(f"receipt {position} ({receipt['submission']}) does not continue the chain")
        data, name = canonical(receipt), receipt_name(receipt)
        previous = hashlib.sha256(data).hexdigest()
        names.add(name)
        is_sealed = position <= sealed  # HEAD vouches for those, and `verify` reads them
        if name in there and not is_sealed and (folder / name).read_bytes() != data:
            raise SealError(f"{folder / name} differs from the receipt that is known")
    if strangers := sorted(there - names):
        raise SealError(f"{folder}: {strangers[0]} is no known receipt ({len(strangers)} such files)")
    if not receipts:
        return None
    key, leaves = seal_key(home), leaf_hashes(map(canonical, receipts))
    if head and head != _head(key, receipts[sealed - 1], leaves[:sealed]):
        raise SealError(
            f"{folder / 'HEAD'} is not what this home signs after receipt {sealed}: altered or forked"
        )
    for receipt in receipts:
        if (name := receipt_name(receipt)) not in there:
            write_atomically(folder / name, canonical(receipt))
    for leftover in folder.glob(".*.part"):  # of a killed run
        leftover.unlink(missing_ok=True)
    new = _head(key, receipts[-1], leaves)
    if new != head:
        write_atomically(folder / "HEAD", canonical(new))
    return new


def _head(key: Ed25519PrivateKey, last: Receipt, leaves: Hashes) -> Head:
    return sign_head(key, last, fold(leaves.copy())[0].hex())
