"""The manifest on disk: written last to seal a bundle folder, and verified file by file when it is read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path

from genie.core.errors import BundleError, ExportError
from genie.core.manifest_schema import FileRecord, Manifest, from_json, to_json

__all__ = ["MANIFEST", "RANKER_FILES", "FileRecord", "Manifest", "read_manifest", "write_manifest"]

MANIFEST = "manifest.json"
RANKER_FILES = ("ranker_tokenizer.json", "ranker_text.onnx", "ranker_look.onnx")
"""What a bundle holds, all or none, where a pretrained model ranks its first frames."""
LARGEST_MANIFEST = 1 << 20
# What file browsers leave in any folder that somebody has looked at.
LEFT_BY_BROWSERS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def write_manifest(folder: Path | str, manifest: Manifest) -> Manifest:
    """Seal a bundle: record every other file in `folder`, then write manifest.json, whole or not at all.

    Returns the manifest as written; its `files` replace whatever `manifest` carried. Raises ExportError when
    the folder cannot be read or written, BundleError when it holds something a bundle may not.
    """
    folder = Path(folder)
    staged = folder / f".{MANIFEST}.part"
    try:
        staged.unlink(missing_ok=True)
        files = {name: _record(folder / name) for name in sorted(_names_in(folder)) if name != MANIFEST}
        sealed = dataclasses.replace(manifest, files=files)
        if sealed.starts not in files:
            raise BundleError(f"{folder} has no {sealed.starts}: write the start frames before the manifest.")
        with staged.open("w", encoding="utf-8") as out:
            json.dump(to_json(sealed), out, indent=1, allow_nan=False)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        staged.replace(folder / MANIFEST)
    except OSError as error:
        raise ExportError(f"Cannot write a bundle to {folder}: {error.strerror or error}.") from None
    except (TypeError, ValueError) as error:
        raise ExportError(f"Cannot write {MANIFEST}: {error}.") from None
    finally:
        if folder.is_dir():
            staged.unlink(missing_ok=True)
    return sealed


def read_manifest(folder: Path | str) -> Manifest:
    """Read and verify a bundle: every listed file is there and unaltered, and no other file is.

    Raises BundleError, naming the file, for anything missing, truncated, altered, unlisted or unknown.
    """
    folder = Path(folder)
    try:
        manifest = from_json(_parse(folder / MANIFEST))
        if manifest.starts not in manifest.files:
            raise BundleError(f"{MANIFEST} does not list {manifest.starts}. Export the bundle again.")
        _verify(folder, manifest)
    except OSError as error:
        raise BundleError(f"Cannot read {error.filename or folder}: {error.strerror or error}.") from None
    return manifest


def _verify(folder: Path, manifest: Manifest) -> None:
    present = _names_in(folder) - {MANIFEST}
    for name, listed in manifest.files.items():
        if name not in present:
            raise BundleError(f"{folder / name} is missing: fetch the bundle again.")
        found = (folder / name).stat().st_size
        if found != listed.size:
            state = "truncated" if found < listed.size else "altered"
            raise BundleError(
                f"{folder / name} is {state} ({found:,} bytes, not {listed.size:,}): fetch the bundle again."
            )
    for name in sorted(present - set(manifest.files)):
        raise BundleError(
            f"{folder / name} is not listed in {MANIFEST}: remove it, or fetch the bundle again."
        )
    for name, listed in manifest.files.items():
        if _record(folder / name) != listed:
            raise BundleError(
                f"{folder / name} is altered (its hash is not the one listed): fetch the bundle again."
            )


def _parse(path: Path) -> object:
    if not path.is_file():
        raise BundleError(f"{path} is missing: {path.parent} is not a world bundle.")
    if path.stat().st_size > LARGEST_MANIFEST:
        raise BundleError(f"{path} is over {LARGEST_MANIFEST:,} bytes: it is not a bundle's manifest.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not valid JSON ({error}): fetch the bundle again.") from None


def _names_in(folder: Path) -> set[str]:
    names = set()
    for entry in folder.iterdir():
        if entry.name in LEFT_BY_BROWSERS:
            continue
        if not entry.is_file():
            raise BundleError(f"{entry} is not a file, and a bundle holds only files: remove it.")
        names.add(entry.name)
    return names


def _record(path: Path) -> FileRecord:
    with path.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    return FileRecord(path.stat().st_size, digest)
