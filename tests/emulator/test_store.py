"""The emulator's memory: documents by kind and id, in the order of their first coming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bankml.emulator.store import DocumentStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DocumentStore]:
    opened = DocumentStore(tmp_path / "documents.db")
    yield opened
    opened.close()


def test_a_document_that_is_put_again_keeps_its_place(store: DocumentStore) -> None:
    for name in ("a", "b"):
        store.put("run", name, {"name": name})

    store.put("run", "a", {"name": "a", "again": True})

    assert store.list("run") == [{"name": "a", "again": True}, {"name": "b"}]
    assert store.count("run") == 2


def test_kinds_do_not_meet(store: DocumentStore) -> None:
    store.put("run", "a", {"kind": 1})
    store.put("graph", "a", {"kind": 2})

    assert store.get("graph", "a") == {"kind": 2}
    assert store.delete("run", "a")
    assert store.get("run", "a") is None
    assert store.count("graph") == 1


def test_what_is_not_there_is_not_deleted(store: DocumentStore) -> None:
    assert not store.delete("run", "a")
    assert store.count("run") == 0


def test_documents_outlive_the_process(store: DocumentStore, tmp_path: Path) -> None:
    store.put("run", "a", {"tries": 1})
    store.close()

    again = DocumentStore(tmp_path / "documents.db")

    assert again.get("run", "a") == {"tries": 1}
    again.close()
