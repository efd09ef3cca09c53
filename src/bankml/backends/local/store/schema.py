"""The database's schema, by version; ``PRAGMA user_version`` says which one a file has."""

from __future__ import annotations

APPLICATION_ID = 0x626D6C31
"""Marks the file as ours (``file`` and ``PRAGMA application_id`` show it)."""

_VERSION_1 = """
CREATE TABLE experiments(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE computes(
    name TEXT PRIMARY KEY,
    vm_size TEXT NOT NULL,
    min_nodes INTEGER NOT NULL,
    max_nodes INTEGER NOT NULL,
    options TEXT NOT NULL,
    created TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE datasets(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    rows INTEGER NOT NULL,
    columns TEXT NOT NULL,
    source TEXT NOT NULL,
    synthetic INTEGER NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    UNIQUE(name, version)
);

CREATE TABLE runs(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    experiment TEXT NOT NULL,
    status TEXT NOT NULL,
    created TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    config TEXT NOT NULL,
    budget_seconds REAL NOT NULL,
    task TEXT NOT NULL,
    primary_metric TEXT NOT NULL,
    label_column_name TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    dataset TEXT NOT NULL,
    dataset_version INTEGER NOT NULL,
    reuse_key TEXT NOT NULL,
    reused_from TEXT,
    published_id TEXT,
    tags TEXT NOT NULL,
    parameters TEXT NOT NULL,
    warnings TEXT NOT NULL,
    message TEXT NOT NULL,
    failure TEXT,
    step TEXT NOT NULL,
    compute TEXT NOT NULL,
    concurrency INTEGER NOT NULL,
    max_nodes INTEGER NOT NULL,
    slots INTEGER NOT NULL DEFAULT 0,
    claim TEXT,
    claimed TEXT,
    host TEXT,
    pid INTEGER,
    process_created REAL,
    heartbeat TEXT,
    cancel_requested TEXT
);
CREATE INDEX runs_by_experiment ON runs(experiment, number);
CREATE INDEX runs_active ON runs(number) WHERE status IN ('Queued', 'Preparing', 'Running');
CREATE INDEX runs_reusable ON runs(reuse_key, number)
    WHERE status = 'Finished' AND reused_from IS NULL;

CREATE TABLE run_tags(
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    run_number INTEGER NOT NULL REFERENCES runs(number),
    PRIMARY KEY(key, value, run_number)
) WITHOUT ROWID;

CREATE TABLE children(
    run_id TEXT NOT NULL REFERENCES runs(id),
    number INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    preprocessor TEXT NOT NULL,
    status TEXT NOT NULL,
    score REAL,
    metrics TEXT NOT NULL,
    parameters TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    error TEXT,
    PRIMARY KEY(run_id, number)
);

CREATE TABLE published(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    description TEXT NOT NULL,
    config TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    created TEXT NOT NULL
);

CREATE TABLE triggers(
    published_id TEXT NOT NULL REFERENCES published(id),
    key TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs(id),
    created TEXT NOT NULL,
    PRIMARY KEY(published_id, key)
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1,)
"""Script ``n`` takes a database from version ``n`` to ``n + 1``."""
