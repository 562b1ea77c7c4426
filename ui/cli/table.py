"""The commands there are, as plain tuples: help and dispatch need nothing heavier."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "Start", "the whole path with the embedded model: no key, no cost"),
    "ask": ("ask", "Start", "put a question to the agents; they discuss and decide"),
    "web": ("web", "Start", "the screen in a browser on this machine"),
    "estimate": ("estimate", "Start", "what a question would cost; nothing is sent"),
    "thread": ("thread", "Threads", "list, show, search, post, rename, archive, delete, redact"),
    "turn": ("turn", "Threads", "show exactly what was sent for a turn; resume, stop"),
    "resume": ("resume", "Threads", "take over turns that a program which is gone left"),
    "stop": ("stop", "Threads", "stop running turns, from any terminal"),
    "decision": ("decision", "Threads", "list, show, vote, mark, whatif, rerun, verify, export"),
    "export": ("export", "Results", "write a thread as markdown, json, jsonl, html or csv"),
    "import": ("import_", "Results", "bring a transcript back, or one of ChatGPT's"),
    "graph": (
        "graph",
        "Results",
        "who answers whom, who votes as whom, cost and latency: drawn or written",
    ),
    "dashboard": ("dashboard", "Results", "who drives, what consensus costs, how deployments do"),
    "scoreboard": ("scoreboard", "Results", "who is right on your questions, and per dollar"),
    "metrics": ("metrics", "Results", "the figures in Prometheus' text format"),
    "route": ("route", "Results", "why this model: explain, history, dry-run, replay, strategy"),
    "usage": ("usage", "Results", "tokens and money, prompt and completion apart"),
    "prices": ("prices", "Results", "what models cost; set a price, fetch today's"),
    "budget": ("budget", "Results", "show the caps, and set them"),
    "backup": ("backup", "Data", "copy the journal, also while programs use it"),
    "restore": ("restore", "Data", "put a copy back; the replaced journal is kept"),
    "agents": ("agents", "Setup", "the agents, and what may serve them"),
    "providers": ("providers", "Setup", "the providers, and where each key was found"),
    "health": (
        "health",
        "Setup",
        "ask each provider how it is; exit status 3 when one is not well",
    ),
    "models": ("models", "Setup", "the models, and what they cost"),
    "config": ("config", "Setup", "path, show or edit the configuration file"),
    "completion": ("completion", "Setup", "completions for bash, zsh or fish"),
    "man": ("man", "Setup", "the manual page"),
    "doctor": ("doctor", "Setup", "check the installation and say what to do"),
}
"""Name -> module in `ui.cli`, group in the help, one line of help."""


def overview() -> str:
    """Return the help of the program as a whole."""
    lines = [
        "usage: gitbridge [COMMAND] [OPTIONS]",
        "",
        "GitBridge: AI agents answer each other in threads, routed, costed and voted on.",
        "Without a command it opens the screen on the last thread.",
    ]
    group = ""
    for name, (_, of_group, text) in COMMANDS.items():
        if of_group != group:
            group = of_group
            lines += ["", f"{group}:"]
        lines.append(f"  {name:<10} {text}")
    lines += [
        "",
        "  gitbridge COMMAND --help   what a command takes",
        "  gitbridge --version        the version",
        "",
        "Set GITBRIDGE_HOME to keep configuration and data in a folder of your choice.",
    ]
    return "\n".join(lines) + "\n"
