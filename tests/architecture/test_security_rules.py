"""Rules of SECURITY.md that hold by reading the code: where keys open, what is never switched off."""

from __future__ import annotations

import ast

import pytest

from tests.fakes.sources import PACKAGES, dotted, imported, name, python_files, tree

WRITES = {"write_text", "write_bytes", "touch"}


def calls(*folders):
    """Yield (file, call, name of what is called) for each call in these folders."""
    for path in python_files(*folders):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                called = dotted(node.func) or getattr(node.func, "attr", "")
                yield name(path), node, called


def keyword(call, wanted):
    """Return the value of a keyword in the source, or None where it is not given."""
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == wanted), None)


@pytest.mark.control("S5")
def test_a_key_is_opened_where_it_is_checked_sent_or_hidden_and_nowhere_else():
    opened = {file for file, _, called in calls(*PACKAGES) if called.endswith("get_secret_value")}

    assert opened == {
        "hub/config.py",  # is it empty, where does it come from
        "hub/settings.py",  # is more than one given
        "hub/config_file.py",  # writes it where the person wants it kept
        "agents/transport.py",  # sends it
        "ui/cli/endings.py",  # masks it in the report of a crash
    }


@pytest.mark.control("S5")
def test_every_program_that_is_started_is_given_an_environment_and_no_shell():
    started = [
        (file, call)
        for file, call, called in calls(*PACKAGES)
        if called.startswith(("subprocess.", "os.exec", "os.spawn", "os.posix_spawn", "os.popen"))
        or "create_subprocess" in called
    ]

    assert {file for file, _ in started} == {
        "agents/embedded_process.py",
        "ui/cli/config.py",
        "ui/editing.py",
    }
    for file, call in started:
        assert keyword(call, "env") is not None, file
        assert keyword(call, "shell") is None, file


@pytest.mark.control("S5")
def test_every_value_that_is_validated_hides_its_input_in_errors():
    bases = {"BaseModel", "BaseSettings", "TypeAdapter"}
    models = [
        (name(path), node)
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and bases & {dotted(base) for base in node.bases}
    ]

    assert models
    for file, node in models:
        assert "hide_input_in_errors=True" in ast.unparse(node), file


@pytest.mark.control("S6")
def test_every_file_that_is_made_is_made_for_its_owner_alone():
    for file, call, called in calls(*PACKAGES):
        if called == "os.open" and "O_CREAT" in ast.unparse(call):
            flags = ast.unparse(call.args[1])
            assert ast.unparse(call.args[2]) == "384", file  # 0o600
            assert "O_EXCL" in flags or flags == "flags", file
        if called.endswith("mkdir"):
            assert keyword(call, "mode") == "448", file  # 0o700


@pytest.mark.control("S6")
def test_flags_that_open_what_may_be_there_already_follow_no_link():
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Assign) and "O_CREAT" in ast.unparse(node.value):
                text = ast.unparse(node.value)
                assert "O_EXCL" in text or "O_NOFOLLOW" in text, name(path)


@pytest.mark.control("S6")
def test_no_file_is_written_past_that():
    writers = {
        file
        for file, call, called in calls(*PACKAGES)
        if called.rpartition(".")[2] in WRITES
        or (called.rpartition(".")[2] == "open" and called != "os.open" and _writes(call))
    }

    assert writers == {"hub/copies.py"}  # into a file that it has just made itself


def _writes(call):
    modes = [*call.args, *(k.value for k in call.keywords if k.arg == "mode")]
    return any(
        isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set("wax+") & set(mode.value)
        and len(mode.value) <= 3
        for mode in modes
    )  # fmt: skip


@pytest.mark.control("S8")
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("allow_redirects", "False"),
        ("follow_redirects", "False"),
        ("trust_env", "False"),
        ("ssl", "self._tls"),
        ("verify", None),
        ("check_hostname", None),
    ],
)
def test_no_switch_of_the_network_stands_the_wrong_way(option, value):
    given = {keyword(call, option) for _, call, _ in calls("agents")} - {None}

    assert given <= {value}


@pytest.mark.control("S8")
def test_what_would_follow_or_trust_by_default_is_told_not_to():
    wanted = {
        "request": {"allow_redirects": "False"},
        "aiohttp.ClientSession": {"trust_env": "False"},
        "httpx.create_ssl_context": {"trust_env": "False"},
    }
    found = set()
    for file, call, called in calls("agents"):
        key = "request" if called.endswith("_session.request") else called
        for option, value in wanted.get(key, {}).items():
            found.add(key)
            assert keyword(call, option) == value, file

    assert found == set(wanted)


@pytest.mark.control("S8")
def test_certificates_are_never_left_unverified():
    source = "\n".join(ast.unparse(tree(path)) for path in python_files(*PACKAGES))

    for word in ("CERT_NONE", "_create_unverified_context", "verify_mode", "check_hostname"):
        assert word not in source


@pytest.mark.control("S3")
@pytest.mark.control("S15")
def test_nothing_but_the_transport_can_reach_a_network_and_nothing_opens_a_browser():
    networked = {
        "socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "xmlrpc", "webbrowser",
        "requests", "urllib3", "websockets", "opentelemetry", "sentry_sdk",
    }  # fmt: skip
    importers = {
        (name(path), module)
        for path in python_files(*PACKAGES)
        for module in imported(path)
        if module in networked or module.partition(".")[0] in networked
    }

    # What tells a collector is asked for by name in config.toml, or is not even loaded.
    telling = {module for file, module in importers if file == "ui/telemetry.py"}
    importers = {(file, module) for file, module in importers if file != "ui/telemetry.py"}
    assert {module.partition(".")[0] for module in telling} == {"opentelemetry", "requests"}
    assert importers == {("agents/connection.py", "socket"), ("agents/connection.py", "ssl")}
    assert [
        f for f, _, called in calls("ui") if called.endswith(("open_url", "deliver_text"))
    ] == []


@pytest.mark.control("S4")
def test_the_clipboard_is_written_in_one_place_with_cleaned_text():
    written = [
        (file, ast.unparse(call.args[0]))
        for file, call, called in calls("ui")
        if called.endswith("copy_to_clipboard")
    ]

    assert written == [("ui/navigation.py", "sanitize(message.text)")]


@pytest.mark.control("S1")
@pytest.mark.control("S4")
def test_escape_sequences_are_written_by_the_graph_in_colours_and_a_fixed_note_alone():
    makers = {
        name(path)
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\x1b" in node.value
    }

    assert makers == {"ui/terminal_graph.py", "ui/desktop.py"}


@pytest.mark.control("S12")
def test_no_archive_is_unpacked_and_nothing_is_loaded_that_runs():
    forbidden = {"zipfile", "tarfile", "marshal", "dbm", "xml", "lxml", "joblib", "cloudpickle"}
    importers = [
        (name(path), module)
        for path in python_files(*PACKAGES)
        for module in imported(path)
        if module.partition(".")[0] in forbidden
    ]
    loaders = [
        file
        for file, call, called in calls(*PACKAGES)
        if called.endswith(("unpack_archive", "read_gpickle"))
        or keyword(call, "allow_pickle") is not None
    ]

    assert importers == []
    assert loaders == []
