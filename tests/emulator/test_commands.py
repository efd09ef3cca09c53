"""The commands `bankml emulator run` and `bankml emulator start`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from bankml.emulator.commands import app, parse_maps
from bankml.errors import ConfigError

SHOW = """
import json, os, pathlib
print(json.dumps({
    "metadata": os.environ["ARM_CLOUD_METADATA_URL"],
    "telemetry off": os.environ["HBI_WORKSPACE_JOB"],
    "home": os.environ["HOME"],
    "proxy": os.environ.get("HTTPS_PROXY"),
    "config": pathlib.Path(".azureml/config.json").is_file(),
}))
"""


def run_emulator(*arguments: str) -> subprocess.CompletedProcess[str]:
    bankml = str(Path(sys.executable).with_name("bankml"))
    return subprocess.run(
        [bankml, "emulator", "run", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_program_runs_inside_the_environment() -> None:
    result = run_emulator("--", sys.executable, "-c", SHOW)

    seen = json.loads(result.stdout)
    assert seen["metadata"].startswith("http://127.0.0.1:")
    assert seen["telemetry off"] == "true"
    assert seen["home"] != os.environ["HOME"]
    assert seen["proxy"] is None
    assert seen["config"] is True
    assert not Path(".azureml").exists()


def test_the_users_own_config_file_is_left_alone() -> None:
    Path("config.json").write_text('{"workspace_name": "mine"}')

    result = run_emulator("--", sys.executable, "-c", SHOW)

    assert json.loads(result.stdout)["config"] is False
    assert Path("config.json").read_text() == '{"workspace_name": "mine"}'


def test_the_programs_exit_code_is_ours() -> None:
    assert run_emulator("--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7
    assert run_emulator("--", "no-such-program").returncode == 127


def test_a_mapped_url_is_answered_from_a_file(small_csv: Path) -> None:
    url = "https://account.blob.core.windows.net/samples"
    get = f"import requests; print(requests.get('{url}/small.csv').text, end='')"

    result = run_emulator("--map", f"{url}={small_csv.parent}", "--", sys.executable, "-c", get)

    assert result.stdout == small_csv.read_text(), result.stderr


def test_start_prints_the_variables_and_ends_with_ctrl_c() -> None:
    bankml = str(Path(sys.executable).with_name("bankml"))
    with subprocess.Popen(
        [bankml, "emulator", "start"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        variables = {}
        for line in lines:
            if line.startswith("# config.json"):
                break
            name, _, value = line.removeprefix("export ").rstrip().partition("=")
            variables[name] = value
        metadata = requests.get(variables["ARM_CLOUD_METADATA_URL"], timeout=30).json()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert metadata[0]["name"] == "AzureCloud"
    assert process.returncode == 0


@pytest.mark.parametrize("text", ["nothing", "ftp://host/x=./y", "https://host/x="])
def test_a_map_must_be_a_url_and_a_path(text: str) -> None:
    with pytest.raises(ConfigError, match="--map"):
        parse_maps([text])


def test_a_url_may_contain_an_equals_sign() -> None:
    assert parse_maps(["https://host/x?a=b=./y"]) == {"https://host/x?a=b": Path("y")}


def test_a_map_must_lead_somewhere() -> None:
    result = CliRunner().invoke(app, ["run", "--map", "https://host/x=./absent", "--", "true"])

    assert isinstance(result.exception, ConfigError)
    assert "absent" in str(result.exception)
