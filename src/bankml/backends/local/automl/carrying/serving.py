"""What a worker process does: it takes calls, one after the other, and sends their results."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue

from bankml.backends.local.automl.training.freed_memory import give_back


def serve(descriptor: int) -> None:
    """Take calls until whoever sends them is gone.

    Args:
        descriptor: The file descriptor of a connection that the caller has the other end of.
    """
    gc.disable()  # garbage is looked for between calls
    # Ctrl-C is the caller's: it ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(descriptor)
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    while True:
        # In the main thread, as only that one can be interrupted by an alarm.
        answer = answer_to(requests.get())
        with suppress(OSError):
            connection.send_bytes(answer)
        _clear_away()


def _clear_away() -> None:
    """Give back what the call left behind, and look no more at what stays.

    A library's import makes some ten thousands of objects that stay. Measured: looking at them
    again and again for garbage took 2 to 5 % of a run.
    """
    gc.collect()
    gc.freeze()
    give_back()


def answer_to(request: bytes) -> bytes:
    """Carry out a call.

    Args:
        request: A pickled pair of a function and its arguments.

    Returns:
        A pickled triple: the result and None, or None and the exception; and its traceback.
    """
    try:
        function, arguments = pickle.loads(request)  # noqa: S301  # from the process that started us
        return pickle.dumps((function(*arguments), None, ""))
    except Exception as error:  # noqa: BLE001  # whatever it was, the caller has to know it
        return pickle.dumps((None, _portable(error), traceback.format_exc()))


def _receive(connection: Connection, requests: SimpleQueue[bytes]) -> None:
    """Pass requests on; end the process with its caller, whatever it is doing."""
    with suppress(EOFError, OSError):
        while True:
            requests.put(connection.recv_bytes())
    os._exit(0)


def _portable(error: Exception) -> Exception:
    """Return an error as it is, or one with the same words where it can't be pickled."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # it has just been made here
    except Exception:  # noqa: BLE001  # an exception's own code may raise anything
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
