"""Checks a workspace: the database, and that every file it speaks of is there and whole."""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.backends.local.files import TEMPORARY, discard, file_errors
from bankml.backends.local.store.datasets import list_datasets
from bankml.backends.local.store.salvage import salvage
from bankml.backends.local.tables import table_damage
from bankml.errors import ModelError, WorkspaceCorruptError, WorkspaceError
from bankml.manifest import check_hash, read_manifest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.backends.local.paths import Layout
    from bankml.backends.local.store.database import Database

ABANDONED_SECONDS = 3600.0
"""Seconds without a change after which an unfinished file is nobody's."""


@dataclass(frozen=True)
class IntegrityReport:
    """What a check has found.

    Attributes:
        problems: What is wrong, each with what to do about it.
        leftovers: Unfinished files of processes that were killed; harmless.
        repaired: What has been mended.
    """

    problems: tuple[str, ...]
    leftovers: tuple[Path, ...] = ()
    repaired: tuple[str, ...] = ()


def check_workspace(database: Database, layout: Layout, *, repair: bool = False) -> IntegrityReport:
    """Check a workspace.

    Args:
        database: Its database.
        layout: Its files.
        repair: Whether to mend: build damaged indexes anew, set damaged files aside (registering
            the same data, or training, then makes them anew), remove leftovers that have not
            changed for an hour, tighten permissions.

    Returns:
        What was found and mended; nothing that is registered is ever removed. A workspace that is
        not there yet is healthy.
    """
    repaired = [*_mended_database(database, layout)] if repair and layout.database.exists() else []
    damages = [*_damages(database, layout)]
    loose = [path for path in _private(layout) if path.stat().st_mode & 0o077]
    leftovers = tuple(_leftovers(layout))
    problems = [damage.message for damage in damages]
    if not repair:
        problems += [
            f"{path} is open to other users; mend it with: chmod go= {path}" for path in loose
        ]
        return IntegrityReport(tuple(problems), leftovers)
    repaired += [_set_aside(damage.path) for damage in damages if damage.path]
    for path in loose:
        path.chmod(path.stat().st_mode & 0o700)
    old = [path for path in leftovers if _is_abandoned(path)]
    for path in old:
        discard(path)
    repaired += [f"closed {path} to other users" for path in loose]
    repaired += [f"removed the unfinished {path}" for path in old]
    left = tuple(path for path in leftovers if path not in old)
    return IntegrityReport(tuple(problems), left, tuple(repaired))


@dataclass(frozen=True)
class _Damage:
    """Something that is wrong, with the file that could be set aside."""

    message: str
    path: Path | None = None


def _damages(database: Database, layout: Layout) -> Iterator[_Damage]:
    if not layout.database.exists():
        yield from _lost_database(layout)
        return
    broken = [*_database_problems(database, layout)]
    yield from (_Damage(message) for message in broken)
    if not broken:
        yield from _dataset_damages(database, layout)
        yield from _run_damages(database, layout)


def _lost_database(layout: Layout) -> Iterator[_Damage]:
    """Files without the database that knows what they are."""
    folders = (folder for folder in (layout.datasets, layout.runs) if folder.is_dir())
    if any(not path.name.startswith(TEMPORARY) for folder in folders for path in folder.iterdir()):
        yield _Damage(
            f"There is no {layout.database}, but there are files of datasets or runs. Restore it "
            f"from a backup, or move {layout.datasets} and {layout.runs} away and register the "
            "data again."
        )


def _mended_database(database: Database, layout: Layout) -> Iterator[str]:
    """Build the indexes anew where only they are damaged; else save the rows that can be read."""
    if not _is_damaged(database):
        return
    if _index_anew(database):
        yield "built the indexes of the database anew"
        return
    target = layout.database.with_name(f"{TEMPORARY}{uuid.uuid4().hex}.db")
    try:
        saved = salvage(layout.database, target)
        if saved.rows:
            database.close()
            aside = _set_aside(layout.database)
            os.link(target, layout.database)
            lost = ", ".join(saved.incomplete)
            yield f"{aside} and saved {saved.rows} rows" + (f"; lost some of {lost}" * bool(lost))
    finally:
        for path in layout.root.glob(f"{target.name}*"):
            path.unlink()
        target.with_suffix(".lock").unlink(missing_ok=True)


def _is_damaged(database: Database) -> bool:
    try:
        with database.read() as connection:
            return _findings(connection) != ["ok"]
    except WorkspaceCorruptError:
        return True
    except WorkspaceError:
        return False


def _index_anew(database: Database) -> bool:
    with contextlib.suppress(WorkspaceError), database.write() as connection:
        connection.execute("REINDEX")
        return _findings(connection) == ["ok"]
    return False


def _set_aside(path: Path) -> str:
    aside = path.with_name(f"{path.name}.damaged-{uuid.uuid4().hex[:8]}")
    with file_errors(path, "set aside"):
        path.rename(aside)
        for suffix in ("-wal", "-shm"):  # of a database
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return f"set the damaged {path} aside as {aside.name}"


def _is_abandoned(path: Path) -> bool:
    """Tell whether no living process can be at work on it."""
    try:
        return time.time() - path.stat().st_mtime >= ABANDONED_SECONDS
    except OSError:
        return False


def _database_problems(database: Database, layout: Layout) -> Iterator[str]:
    try:
        with database.read() as connection:
            found = _findings(connection)
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except WorkspaceCorruptError as error:
        reason = error.__cause__ or "it is empty or not ours"
        yield f"The database {layout.database} is damaged ({reason}). {_salvage(layout)}"
        return
    except WorkspaceError as error:
        yield str(error)
        return
    if found != ["ok"]:
        yield f"The database is damaged: {'; '.join(found)}. {_salvage(layout)}"
    if broken:
        yield f"{len(broken)} rows of the database point to rows that are gone. {_salvage(layout)}"


def _findings(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]


def _salvage(layout: Layout) -> str:
    return (
        f"Restore {layout.database.name} from a backup. Without one, `bankml doctor --repair` "
        "saves what can be read (the damaged file is kept); where that does not help nothing can: "
        "move the file away and register the data again. "
        f"Models are plain files in {layout.runs}; bankml.load_model reads them there."
    )


def _dataset_damages(database: Database, layout: Layout) -> Iterator[_Damage]:
    with database.read() as connection:
        records = list_datasets(connection)
    for record in records:
        path = layout.dataset(record.name, record.version)
        wrong = table_damage(path, record)
        if wrong:
            yield _Damage(
                f"Dataset {record.name!r} version {record.version} is damaged: {path} {wrong}. "
                f"{_aside(path)}register the same data again, or restore the file.",
                path if path.exists() else None,
            )


def _run_damages(database: Database, layout: Layout) -> Iterator[_Damage]:
    with database.read() as connection:
        finished = connection.execute(
            "SELECT id FROM runs WHERE status = 'Finished' AND reused_from IS NULL"
        ).fetchall()
    for (run_id,) in finished:
        outputs = (
            (layout.metrics(run_id), _metrics_damage),
            (layout.model(run_id), _model_damage),
        )
        for path, check in outputs:
            if not path.exists():
                yield _Damage(f"Run {run_id} has lost its output {path}. Train it again.")
            elif wrong := check(path):
                advice = f"{_aside(path)}train it again."
                yield _Damage(f"Run {run_id} has a damaged output: {wrong} {advice}", path)


def _metrics_damage(path: Path) -> str:
    try:
        whole = isinstance(json.loads(path.read_bytes()), dict)
    except (OSError, ValueError) as error:
        return f"{path} can't be read ({error})."
    return "" if whole else f"{path} does not hold the metrics of child runs."


def _model_damage(folder: Path) -> str:
    try:
        check_hash(folder, read_manifest(folder))
    except (OSError, ModelError) as error:
        return str(error)
    return ""


def _aside(path: Path) -> str:
    return "Set it aside (bankml doctor --repair does) and " if path.exists() else "To mend it, "


def _private(layout: Layout) -> list[Path]:
    paths = (layout.root, layout.database, layout.token)
    return [path for path in paths if path.exists()]


def _leftovers(layout: Layout) -> Iterator[Path]:
    """Unfinished files; one that a living process is just writing may be among them."""
    yield from layout.root.glob(f"{TEMPORARY}*")
    for folder in (layout.datasets, layout.runs):
        yield from folder.rglob(f"{TEMPORARY}*")
