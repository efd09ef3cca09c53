"""Checks a workspace: the database, and that every file it speaks of is there and whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.backends.local.files import TEMPORARY, discard
from bankml.backends.local.store.datasets import list_datasets
from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.backends.local.paths import Layout
    from bankml.backends.local.store.database import Database


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

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check_workspace(database: Database, layout: Layout, *, repair: bool = False) -> IntegrityReport:
    """Check a workspace.

    Args:
        database: Its database.
        layout: Its files.
        repair: Whether to remove leftovers and tighten permissions.

    Returns:
        What was found and mended; nothing that is registered is ever removed. A workspace that is
        not there yet is healthy.
    """
    if not layout.database.exists():
        return IntegrityReport(())
    problems = [*_database_problems(database, layout)]
    if not problems:
        problems += [*_dataset_problems(database, layout), *_run_problems(database, layout)]
    loose = [path for path in _private(layout) if path.stat().st_mode & 0o077]
    leftovers = tuple(_leftovers(layout))
    if not repair:
        problems += [
            f"{path} is open to other users; mend it with: chmod go= {path}" for path in loose
        ]
        return IntegrityReport(tuple(problems), leftovers)
    for path in loose:
        path.chmod(path.stat().st_mode & 0o700)
    for path in leftovers:
        discard(path)
    repaired = [f"closed {path} to other users" for path in loose]
    repaired += [f"removed the unfinished {path}" for path in leftovers]
    return IntegrityReport(tuple(problems), (), tuple(repaired))


def _database_problems(database: Database, layout: Layout) -> Iterator[str]:
    try:
        with database.read() as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except WorkspaceError as error:
        yield f"{error} {_salvage(layout)}"
        return
    if found != ["ok"]:
        yield f"The database is damaged: {'; '.join(found)}. {_salvage(layout)}"
    if broken:
        yield f"{len(broken)} rows of the database point to rows that are gone. {_salvage(layout)}"


def _salvage(layout: Layout) -> str:
    path = layout.database
    return (
        f"Restore {path.name} from a backup, or save what is readable with: "
        f"sqlite3 {path} .recover | sqlite3 {path.with_suffix('.recovered.db')}. "
        f"Datasets and models are plain files in {layout.datasets} and {layout.runs}."
    )


def _dataset_problems(database: Database, layout: Layout) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with database.read() as connection:
        records = list_datasets(connection)
    for record in records:
        path = layout.dataset(record.name, record.version)
        what = f"Dataset {record.name!r} version {record.version}"
        try:
            rows = pq.read_metadata(path).num_rows
        except (OSError, pa.ArrowInvalid) as error:
            yield f"{what} can't be read ({type(error).__name__}: {path}). Register the data again."
            continue
        if rows != record.rows:
            yield f"{what} has {rows} rows in {path}, not {record.rows}. Register the data again."


def _run_problems(database: Database, layout: Layout) -> Iterator[str]:
    with database.read() as connection:
        finished = connection.execute(
            "SELECT id FROM runs WHERE status = 'Finished' AND reused_from IS NULL"
        ).fetchall()
    for row in finished:
        for path in (layout.metrics(row["id"]), layout.model(row["id"])):
            if not path.exists():
                yield f"Run {row['id']} has lost its output {path}. Train it again."


def _private(layout: Layout) -> list[Path]:
    paths = (layout.root, layout.database, layout.token)
    return [path for path in paths if path.exists()]


def _leftovers(layout: Layout) -> Iterator[Path]:
    """Unfinished files; one that a living process is just writing may be among them."""
    yield from layout.root.glob(f"{TEMPORARY}*")
    for folder in (layout.datasets, layout.runs):
        yield from folder.rglob(f"{TEMPORARY}*")
