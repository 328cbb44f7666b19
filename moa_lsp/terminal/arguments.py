"""What can be typed behind `moa-lsp`: the commands, their options and the exit codes.

The standard library alone, so that `--help` and `--version` answer at once. What the commands do is in `commands.py`,
`demo.py` and `doctor.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import moa_lsp

OK, FAILED, USAGE, NOTHING, CANCELLED = 0, 1, 2, 3, 130
"""The exit codes, as `--help` explains them."""

_EPILOG = """\
Without a command moa-lsp is a language server on stdin and stdout, for an editor.

exit codes:
  0    it worked
  1    something failed, or could be done only in part (no architect answered, an edit could not be placed)
  2    wrong usage, or a name or an id that does not exist
  3    there was nothing to apply, or applying it was refused
  130  cancelled (Ctrl-C; a second Ctrl-C ends at once)
"""


_PLACES = "a file, a line or lines of it: api.py, api.py:12, api.py:12-14"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options that were typed. Wrong ones end the program with code 2 and a sentence, as argparse does."""
    parser = _parser()
    options, behind = parser.parse_known_args(arguments)
    # argparse takes files only where the first stands: those behind an option are left over (measured, Python 3.11).
    if behind and (not hasattr(options, "files") or any(one.startswith("-") for one in behind)):
        parser.error(f"unrecognized arguments: {' '.join(behind)}")
    if behind:
        options.files = [*options.files, *map(Path, behind)]
    if options.command is None and options.tcp is None:
        parser.error("name a command (see --help), or none and no options for the language server")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moa-lsp",
        description="Several models think about your code together: discuss it, then turn the discussion into edits.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"moa-lsp {moa_lsp.__version__}")
    parser.add_argument("--tcp", type=_address, metavar="HOST:PORT", help="serve LSP on a TCP port (for debugging)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def command(
        name: str, help: str, *parents: argparse.ArgumentParser, serves: bool = True
    ) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help,
            description=help,
            parents=[*([_workspace()] if serves else []), _output(), *parents],
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    discuss = command("discuss", "ask the architects, as the preset says", _discussion(), _models())
    discuss.add_argument("message", metavar="MESSAGE", help="what to discuss")
    discuss.add_argument("--preset", metavar="NAME", help="by that preset, this once (see: moa-lsp presets)")
    discuss.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files to show to the architects")
    ask = command("ask", "put one question to several models and get one answer; nothing is kept of it", _mixture())
    ask.add_argument("question", metavar="QUESTION", help="what to ask; - reads it from stdin")
    ask.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files to show to everybody who is asked")
    code = command("code", "turn the discussion into edits and offer them", _discussion(), _models(), _yes())
    code.add_argument("message", nargs="?", metavar="MESSAGE", help="what to code, should it need saying")
    differing = command("disagreement", "show where the architects differ, and who is for what", _discussion())
    differing.add_argument("--only-contested", action="store_true", help="only what is contested")
    differing.add_argument("--architect", metavar="NAME", help="only what this architect has a part in")
    take = command(
        "take", "settle what is contested: take an architect's edit, without a model", _discussion(), _hunks()
    )
    take.add_argument("name", nargs="?", metavar="NAME", help="whose edit")
    take.add_argument("place", nargs="?", metavar="PLACE", help=f"{_PLACES} (default: all that is contested)")
    leave = command("leave", "settle what is contested: leave the lines as they are", _discussion(), _hunks())
    leave.add_argument("place", nargs="?", metavar="PLACE", help=_PLACES)
    leave.add_argument("--reason", metavar="TEXT", help="why; the architects are told")
    reopen = command("reopen", "take a decision back", _discussion(), _hunks())
    reopen.add_argument("place", nargs="?", metavar="PLACE", help=_PLACES)
    compose = command(
        "compose",
        "make one change of hunks of any proposals, without a model, and offer it",
        _discussion(),
        _hunks(),
        _yes(),
    )
    help = "an architect, for all it proposes, or a change's id (default: what was taken)"
    compose.add_argument("what", nargs="*", metavar="WHAT", help=help)
    compose.add_argument("--title", metavar="TEXT", help="what the change is called")
    plan = command("plan", "show the plan that the proposals come to, or edit it", _discussion())
    way = plan.add_mutually_exclusive_group()
    way.add_argument("--edit", action="store_true", help="in $VISUAL or $EDITOR, as Markdown")
    way.add_argument("--set", metavar="FILE", help="as the Markdown in this file says; - reads it from stdin")
    way.add_argument("--reset", action="store_true", help="as the proposals have it")
    answer = command("answer", "answer what the architects ask you, or show it", _discussion())
    answer.add_argument("answer", nargs="?", metavar="ANSWER", help="a choice's number, or your own words")
    answer.add_argument("--question", type=_count, metavar="N", help="which question, where several are open")
    drop = command("drop", "ask an architect no more; what it said stays", _discussion())
    drop.add_argument("name", metavar="NAME")
    restore = command("restore", "ask a dropped architect again", _discussion())
    restore.add_argument("name", metavar="NAME")
    apply = command("apply", "apply a change that was proposed, or some of its hunks", _discussion(), _change())
    apply.add_argument("--hunk", action="append", metavar="ID", help="only this hunk; may be given several times")
    reject = command("reject", "reject a change that was proposed, or some of its hunks", _discussion(), _change())
    reject.add_argument("--hunk", action="append", metavar="ID", help="only this hunk; may be given several times")
    command("undo", "take an applied change back, as long as nobody edited it since", _discussion(), _change())
    command("checkpoints", "list how files were before each apply, undo and restore, newest first", _discussion())
    back = command("restore-checkpoint", "bring files back to how they were at a checkpoint")
    back.add_argument("checkpoint", metavar="ID", help="see: moa-lsp checkpoints")
    back.add_argument("files", nargs="*", type=Path, metavar="FILE", help="only these (default: all touched since)")
    back.add_argument("--yes", action="store_true", help="also where somebody edited the files since")
    command("presets", "list the presets, and what a message by each takes", _discussion())
    preset = command("preset", "hold the discussion by a preset from now on", _discussion())
    preset.add_argument("name", metavar="NAME", help="see: moa-lsp presets")
    command("new", "begin a new discussion", _models())
    command("list", "list the discussions, newest first")
    show = command("show", "show a discussion with all that was said")
    show.add_argument("discussion", nargs="?", metavar="ID", help="default: the current discussion")
    demo = command("demo", "see it work on a sample, without a key and without a model", _yes())
    help = "only write the sample there, set up for its recording, and say what to type in an editor"
    demo.add_argument("--sample", type=Path, metavar="DIR", help=help)
    doctor = command("doctor", "what is installed, configured and reachable")
    doctor.add_argument(
        "--ask", action="store_true", help="also ask each architect for one word (costs next to nothing)"
    )
    endpoint = command("endpoint", "serve the presets as models, for programs that speak to OpenAI, until Ctrl-C")
    endpoint.add_argument("--port", type=_port, default=6620, metavar="N", help="default: 6620; 0 takes a free one")
    help = "the loopback address to listen on (default: 127.0.0.1); there is no other"
    endpoint.add_argument("--host", choices=("127.0.0.1", "::1"), default="127.0.0.1", help=help)
    help = "what programs give as their key (default: one that is made once and kept in a private file)"
    endpoint.add_argument("--token", metavar="T", help=help)
    trace = command("trace", "show the calls made to models: who, when, how long, at what price", serves=False)
    trace.add_argument("--discussion", metavar="ID", help="only the calls of this discussion")
    trace.add_argument(
        "--last", type=_count, metavar="N", help="only the last N calls (default: 50 of all discussions)"
    )
    return parser


def _workspace() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--folder", type=Path, metavar="DIR", help="the workspace folder (default: the current one)")
    parent.add_argument("--trust", action="store_true", help="trust what this folder's moa.toml says about endpoints")
    return parent


def _output() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--json", action="store_true", help="print the result as one JSON document, nothing else")
    parent.add_argument(
        "--no-color", action="store_true", help="no colours (NO_COLOR in the environment does the same)"
    )
    return parent


def _discussion() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--discussion", metavar="ID", help="default: the current discussion")
    return parent


def _models() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    help = "the architects of this run, by their models' names, in speaking order"
    parent.add_argument("--models", type=_names, metavar="A,B,C", help=help)
    return parent


def _mixture() -> argparse.ArgumentParser:
    """Who is asked by `ask`, and how. What a value may be is the settings' to say."""
    parent = argparse.ArgumentParser(add_help=False)
    group = parent.add_argument_group("who is asked, and how (default: the preset that your settings have in use)")
    help = "a preset, or one of the kinds that are always there: round, panel, layers, revise, arbiter, samples, solo"
    group.add_argument("--preset", metavar="NAME", help=help)
    group.add_argument("--models", type=_names, nargs="+", metavar="MODEL", help="the models, in speaking order")
    group.add_argument("--aggregator", metavar="MODEL", help="the model that answers for all (in a panel, in layers)")
    group.add_argument("--layers", type=int, metavar="N", help="layers of models, each of which sees the one before")
    group.add_argument("--per-layer", type=int, metavar="N", help="models in a layer")
    help = "what sets those of one layer apart: model, temperature or role"
    group.add_argument("--diversity", metavar="BY", help=help)
    group.add_argument("--temperature", type=float, metavar="T", help="how freely everybody words answers, from 0 to 2")
    group.add_argument("--max-tokens", type=int, metavar="N", help="the most tokens of one answer")
    return parent


def _yes() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--yes", action="store_true", help="apply without asking (protected files aside)")
    return parent


def _change() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("change", nargs="?", metavar="CHANGE", help="a change's id (default: the newest that fits)")
    return parent


def _hunks() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False)
    help = "this hunk, by its id; may be given several times"
    parent.add_argument("--hunk", action="append", default=[], metavar="ID", help=help)
    return parent


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError("give the models' names with commas between them")
    return names


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("give a whole number of at least 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("give a whole number from 0 to 65535")
    return int(text)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError("give it as HOST:PORT, for instance 127.0.0.1:8765")
    return host.strip("[]"), int(port)
