"""What a service needs to start a retraining exactly once: an endpoint, a token, a message's id.

Only ``requests`` is needed for this, no pandas, no scikit-learn, no SDK. Set BANKML_ENDPOINT and
BANKML_TOKEN; for ``bankml serve`` the token is in the file that it names at its start.
"""

from __future__ import annotations

import os
import sys

from bankml import AuthenticationError, PublishError, TriggerError, TriggerUncertainError, trigger


def retrain(message_id: str) -> str:
    """Start the retraining that a message asks for; the same message never starts a second one."""
    run = trigger(
        os.environ["BANKML_ENDPOINT"],
        experiment_name="nightly-retraining",
        auth=lambda: os.environ["BANKML_TOKEN"],
        tags={"message": message_id},
        trigger_id=message_id,
    )
    return run.id


def main() -> int:
    """Handle one message."""
    message_id = sys.argv[1] if len(sys.argv) > 1 else "message-1"
    if not {"BANKML_ENDPOINT", "BANKML_TOKEN"} <= os.environ.keys():
        print("Set BANKML_ENDPOINT to the published pipeline's URL, and BANKML_TOKEN to its token.")
        return 2
    try:
        print("Run:", retrain(message_id))
    except TriggerUncertainError as error:
        print("Not known; handle the message again, it is safe:", error)
        return 75
    except (AuthenticationError, PublishError, TriggerError) as error:
        print("Not started:", error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
