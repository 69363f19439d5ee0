"""Every variable the platform reads is written down, and nothing is written down that it does not.

`.env.example`, the README's table, compose.yaml, Dockerfile and Procfile are compared with what
the code reads.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from pytest_django.live_server_helper import LiveServer

from tests.mariadb import ROOT

# Words of one command, told of where the command is; no settings.
OF_ONE_COMMAND = {"TONGLU_PASSWORD", "PORT", "ONESHOT"}
EXAMPLE = (ROOT / ".env.example").read_text()
EXAMPLES = dict(re.findall(r"^#([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))
README = (ROOT / "README.md").read_text()
TABLE = dict(re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \| (.*?) \|", README, re.MULTILINE))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
PROCFILE = (ROOT / "Procfile").read_text()
KEYS = {"SECRET_KEY": "only-for-tests-" + "0123456789" * 5, "FERNET_KEYS": "f" * 43}


def our_packages() -> set[str]:
    """Folders of the tree that are installed."""
    names = {app.name.partition(".")[0] for app in apps.get_app_configs()}
    return {name for name in names if (ROOT / name / "__init__.py").is_file()}


def reads() -> Iterator[tuple[str, object]]:
    """Each variable that the code reads by name, with the default if it is a plain one."""
    for package in our_packages():
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and node.args and is_reader(node.func):
                    defaults = [word.value for word in node.keywords if word.arg == "default"]
                    yield from named(node.args[0], [*node.args[1:], *defaults])
                elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                    yield from named(node.slice, [])


def is_reader(function: ast.expr) -> bool:
    """`env("X")`, `env.int("X")`, `os.environ.get("X")`, `os.getenv("X")`."""
    text = ast.unparse(function)
    return bool(re.fullmatch(r"env(\.\w+)?|os\.environ\.get|os\.getenv", text))


def named(name: ast.expr, defaults: list[ast.expr]) -> Iterator[tuple[str, object]]:
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        plain = [node.value for node in defaults if isinstance(node, ast.Constant)]
        yield name.value, plain[0] if plain else None


READ = dict(reads())
SETTINGS = set(READ) - OF_ONE_COMMAND


def interpolated(text: str) -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_the_reader_of_this_test_finds_what_is_known_to_be_read() -> None:
    known = {"SECRET_KEY", "DATABASE_URL", "VAR_DIR", "DEBUG", "CACHE_URL", "WEB_WORKERS"}
    assert known <= set(READ)


def test_the_example_names_every_variable_and_no_other() -> None:
    for_compose = interpolated((ROOT / "compose.yaml").read_text()) - SETTINGS
    assert set(EXAMPLES) == SETTINGS | for_compose


def test_the_example_changes_nothing_until_somebody_uncomments() -> None:
    assert not [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]


def test_the_readme_names_every_variable_and_no_other() -> None:
    assert set(TABLE) == SETTINGS
    assert {
        name for name in OF_ONE_COMMAND & set(READ) if not re.search(rf"\b{name}\b", README)
    } == set()


def test_the_readme_gives_the_defaults_of_the_code() -> None:
    for name, default in READ.items():
        if name in TABLE and default not in (None, ""):
            shown = str(int(default)) if isinstance(default, bool) else str(default)
            assert f"`{shown}`" in TABLE[name], name


def test_the_example_starts_in_production_once_its_keys_are_made(tmp_path: Path) -> None:
    given = EXAMPLES | KEYS | {"DATABASE_URL": "sqlite:////" + str(tmp_path / "db").lstrip("/")}
    for outside in ("VAR_DIR", "ENV_FILE"):
        del given[outside]
    file = tmp_path / "env"
    file.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    run = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": str(file), "VAR_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "var" / ".env").exists()


def test_compose_gives_the_platform_only_variables_it_reads() -> None:
    programs = [one for one in COMPOSE["services"].values() if one.get("build")]
    assert len(programs) == 4
    for program in programs:
        assert set(program["environment"]) <= set(READ)
        assert program["environment"]["DEBUG"] == "0"


def test_compose_has_all_that_runs_and_waits_for_what_it_needs() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"prepare", "web", "worker", "beat", "mariadb", "redis"}
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"}
        }
    for name in services["prepare"]["depends_on"]:
        assert services[name]["healthcheck"]["test"]
    assert "--collation-server=utf8mb4_nopad_bin" in services["mariadb"]["command"]
    named_volumes = {volume.partition(":")[0] for volume in services["mariadb"]["volumes"]}
    assert named_volumes == set(COMPOSE["volumes"])


def test_the_image_holds_every_app() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert our_packages() <= copied
    assert all((ROOT / name).is_dir() for name in copied)


def test_the_image_and_the_procfile_read_known_variables_and_start_the_same_web() -> None:
    assert interpolated(DOCKERFILE) | interpolated(PROCFILE) <= set(READ)
    web = re.search(r"^web: (.*)$", PROCFILE, re.MULTILINE)
    assert web
    assert f"exec {web[1]}" in DOCKERFILE


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["tonglu"]


def test_the_image_can_collect_static_files_without_any_keys(tmp_path: Path) -> None:
    line = re.search(
        r"^RUN (SECRET_KEY=.*) python (manage.py collectstatic.*)$", DOCKERFILE, re.MULTILINE
    )
    assert line
    given = dict(word.split("=", 1) for word in line[1].split())
    run = subprocess.run(
        [sys.executable, *line[2].split(), "--dry-run", "--verbosity", "0"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DEBUG": "0",
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(tmp_path),
            **given,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hosts", ["localhost,elsewhere.example", ".localhost", "*"])
def test_the_health_check_of_the_image_finds_a_living_server(
    live_server: LiveServer, hosts: str
) -> None:
    assert health_check(live_server.thread.port, hosts) == 0


def test_the_health_check_of_the_image_tells_of_a_dead_one() -> None:
    assert health_check(1, "localhost") != 0


def health_check(port: int, hosts: str) -> int:
    found = re.search(r"^HEALTHCHECK .*? CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    _, *command = json.loads(found[1])
    return subprocess.run(
        [sys.executable, *command],
        env={"PATH": os.environ["PATH"], "PORT": str(port), "ALLOWED_HOSTS": hosts},
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode
