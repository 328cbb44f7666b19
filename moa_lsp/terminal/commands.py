"""The terminal client's commands: what each asks of the server and what it shows of the answer.

Each returns an exit code. `--json` prints the server's result as it is, and nothing else. No rule of the discussion is
decided here. Those about disagreement are in `settle.py`, `planning.py` and `questions.py`; the demo and the doctor
have files of their own too.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from attrs import evolve

from moa_lsp.terminal.arguments import FAILED, NOTHING, OK
from moa_lsp.terminal.connection import REQUEST_CANCELLED, Json, RequestFailed
from moa_lsp.terminal.differing import name_of
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.questions import open_questions, put
from moa_lsp.terminal.review import Review, hunks_of, show_problems
from moa_lsp.terminal.screen import QUIET, STRONG, WARNING, Screen, money
from moa_lsp.terminal.session import NothingToDo, Session, WrongUsage, launch_of, session

# --- discussing and coding


async def discuss(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    files = [_file(path) for path in options.files]
    if not files:
        screen.hint("no files named: only your message is sent, and files that this discussion was shown before")
    async with session(launch_of(options), screen, interrupt) as here:
        round = await run_round(here, options.message, files, options.discussion, options.preset)
    if screen.json:
        screen.document(round)
    return OK if any(turn["status"] == "done" for turn in round["turns"]) else FAILED


async def run_round(
    here: Session, message: str, files: list[str], discussion: str | None, preset: str | None = None
) -> Json:
    """One round, drawn as it goes. One that is cancelled is drawn to its end, and then fails as such."""
    asked: Json = {"message": message, "files": files or None, "discussion": discussion, "preset": preset}
    try:
        round: Json = await here.ask("discuss", **asked)
    except RequestFailed as error:
        if error.code == REQUEST_CANCELLED and here.conversation.round is not None:
            here.conversation.totals(here.conversation.round)
        raise
    for left in round.get("leftOut") or ():
        here.screen.hint(f"not sent: {left['path']} ({left['reason']})")
    here.conversation.totals(round)
    if not here.screen.json:
        differing = await here.differing(round["discussion"])
        differing.after_round(hints=here.lasting)
        await put(here, open_questions([round]), round["discussion"])
    return round


def _file(path: Path) -> str:
    path = path.absolute()
    if not path.is_file():
        raise WrongUsage(f"{path} is no file.")
    return path.as_uri()


async def code(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        change: Json = await here.ask("code", message=options.message, discussion=options.discussion)
        result, exit_code = await offer(here, change, yes=options.yes)
    if screen.json:
        screen.document(result)
    return exit_code


async def offer(here: Session, change: Json, *, yes: bool) -> tuple[Json, int]:
    """Shows a change, asks which of it to apply, and has that applied. Returns the change as it then stands."""
    review = Review(here.screen, here.client.folder, change)
    review.show()
    if not hunks_of(change, "pending"):
        here.screen.show(("There is nothing to apply.", WARNING))
        return change, NOTHING
    if not yes and not here.screen.interactive:
        here.screen.hint("nothing was written", f"; to apply it: moa-lsp apply {change['id']}" if here.lasting else "")
        return change, FAILED if _unplaced(change) else OK
    if not yes:
        review = evolve(review, differing=await here.differing(change["discussion"]))
    return await _apply(here, review, yes=yes)


async def _apply(here: Session, review: Review, *, yes: bool) -> tuple[Json, int]:
    change = review.change
    chosen = review.choose(yes=yes)
    wanted = [id for batch in chosen.batches for id in batch]
    for batch in chosen.batches:
        change = await here.ask("apply", writes=True, change=change["id"], hunks=list(batch))
        if len(change["problems"]) > len(review.change["problems"]):
            show_problems(here.screen, {"problems": change["problems"][len(review.change["problems"]) :]})
    if not wanted:
        here.screen.hint("nothing was written", f"; it can wait: moa-lsp apply {change['id']}" if here.lasting else "")
        return change, OK if not yes else NOTHING
    applied = set(hunks_of(change, "applied")) & set(wanted)
    undo = _undo_hint(change, here.lasting and bool(applied))
    here.screen.show()
    here.screen.show((f"applied {len(applied)} of {chosen.total} hunks", STRONG), *undo)
    if not applied:
        return change, NOTHING
    missed = len(applied) < len(wanted) or (yes and len(applied) < chosen.total)
    return change, FAILED if missed or _unplaced(change) else OK


def _unplaced(change: Json) -> bool:
    """Whether an edit couldn't be placed or applied; a notice only points something out."""
    return any(not problem.get("notice") for problem in change["problems"])


def _undo_hint(change: Json, applied: bool) -> list[tuple[str, str]]:
    return [(f"  to take it back: moa-lsp undo {change['id']}", QUIET)] if applied else []


# --- changes


async def apply(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        change = await _find(here, options, ("pending", "partly-applied", "stale"))
        _say_what_it_decides(here, change, options.hunk)
        if options.hunk is None and "files" in change:
            if not hunks_of(change, "pending"):
                raise NothingToDo(f"The change {change['id']} holds nothing that could be applied.")
            result, exit_code = await _apply(here, Review(screen, here.client.folder, change), yes=True)
        else:
            result = await here.ask("apply", writes=True, change=change["id"], hunks=options.hunk)
            exit_code = _after_apply(screen, result, options.hunk)
    if screen.json:
        screen.document(result)
    return exit_code


def _say_what_it_decides(here: Session, change: Json, hunks: list[str] | None) -> None:
    """Applying what is contested settles it as well, so that is said before."""
    contested = [
        f"{name_of(here.client.folder, file['uri'])}:{hunk['range']['start']['line'] + 1}"
        for file in change.get("files", ())
        for hunk in file["hunks"]
        if hunk.get("stand") == "contested" and hunk["status"] == "pending" and (hunks is None or hunk["id"] in hunks)
    ]
    if contested:
        here.screen.hint(f"contested until now, and decided by this: {', '.join(contested)}")


def _after_apply(screen: Screen, change: Json, hunks: list[str] | None) -> int:
    applied = set(hunks_of(change, "applied"))
    wanted = set(hunks) if hunks is not None else applied | set(hunks_of(change, "pending"))
    if wanted - applied:
        show_problems(screen, change)
    screen.show((f"applied {len(applied & wanted)} of {len(wanted)} hunks", STRONG), *_undo_hint(change, bool(applied)))
    return NOTHING if not applied & wanted else FAILED if wanted - applied else OK


async def reject(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        change = await _find(here, options, ("pending", "partly-applied", "stale"))
        result: Json = await here.ask("reject", change=change["id"], hunks=options.hunk)
    screen.show(f"rejected: {result['title']}", (f"  {result['id']}", QUIET))
    if screen.json:
        screen.document(result)
    return OK


async def undo(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        change = await _find(here, options, ("applied", "partly-applied"))
        result: Json = await here.ask("undo", writes=True, change=change["id"])
    left = hunks_of(result, "applied")
    if left:
        show_problems(screen, result)
    screen.show("taken back" if not left else ("not taken back", WARNING), f": {result['title']}")
    if screen.json:
        screen.document(result)
    return OK if not left else NOTHING


async def _find(here: Session, options: argparse.Namespace, statuses: tuple[str, ...]) -> Json:
    """The change that was named, else the newest of the discussion that stands so.

    A named one that belongs to another discussion comes with its id alone; the server knows it.
    """
    if options.change is not None:
        try:
            discussion: Json = await here.ask("show-discussion", discussion=options.discussion)
        except RequestFailed:
            discussion = {}
        for named in changes_of(discussion):
            if named["id"] == options.change:
                return named
        return {"id": options.change}
    discussion = await here.ask("show-discussion", discussion=options.discussion)
    for change in changes_of(discussion):
        if change["status"] in statuses:
            return change
    raise NothingToDo(f"No change in this discussion is {' or '.join(statuses)}.")


def changes_of(discussion: Json) -> Iterator[Json]:
    """A discussion's changes: what was coded, newest first, then what was proposed, newest first."""
    for coding in reversed(discussion.get("codings") or ()):
        if coding.get("change"):
            yield coding["change"]
    rounds: list[Json] = discussion.get("rounds") or []
    for round in reversed(rounds):
        for turn in reversed(round["turns"]):
            if turn.get("change"):
                yield turn["change"]


# --- checkpoints


async def checkpoints(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        found: list[Json] = await here.ask("checkpoints", discussion=options.discussion)
        for one in found:
            created = datetime.fromisoformat(one["created"]).astimezone()
            names = ", ".join(name_of(here.client.folder, file["uri"]) for file in one["files"])
            screen.say(
                (one["id"], STRONG), f"  {created:%Y-%m-%d %H:%M}  before: {one['title']}", (f"  {names}", QUIET)
            )
    if not found:
        screen.hint("no checkpoint yet: one is kept before each apply, undo and restore")
    if screen.json:
        screen.document(found)
    return OK


async def restore_checkpoint(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    files = [path.absolute().as_uri() for path in options.files]
    async with session(launch_of(options), screen, interrupt, yes=options.yes) as here:
        result: Json = await here.ask("restore", writes=True, checkpoint=options.checkpoint, files=files or None)
        for uri in result["files"]:
            screen.show(f"restored: {name_of(here.client.folder, uri)}")
    show_problems(screen, result)
    if result["checkpoint"]:
        screen.hint("to take it back: ", f"moa-lsp restore-checkpoint {result['checkpoint']['id']}")
    else:
        screen.show("Everything is as it was there.")
    if screen.json:
        screen.document(result)
    return FAILED if result["problems"] else OK


# --- discussions


async def set_architect(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        discussion: Json = await here.ask(
            f"{options.command}-architect", name=options.name, discussion=options.discussion
        )
    here.conversation.learn(discussion)
    for architect in discussion["architects"]:
        screen.show(*here.conversation.architect(architect))
    if screen.json:
        screen.document(discussion)
    return OK


async def new(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        discussion: Json = await here.ask("new-discussion")
    here.conversation.learn(discussion)
    screen.show("a new discussion: ", (discussion["id"], STRONG))
    for architect in discussion["architects"]:
        screen.show(*here.conversation.architect(architect))
    if screen.json:
        screen.document(discussion)
    return OK


async def list_all(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        discussions: list[Json] = await here.ask("list-discussions")
    for discussion in discussions:
        created = datetime.fromisoformat(discussion["created"]).astimezone()
        names = ", ".join(one["name"] for one in discussion["architects"] if not one["dropped"])
        screen.say(
            (discussion["id"], STRONG),
            f"  {created:%Y-%m-%d %H:%M}  {discussion['title'] or '(no title yet)'}",
            (f"  {names} · {money(discussion['usage'])}", QUIET),
        )
    if not discussions:
        screen.hint('no discussion yet; begin one: moa-lsp discuss "…" FILE')
    if screen.json:
        screen.document(discussions)
    return OK


async def show(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        discussion: Json = await here.ask("show-discussion", discussion=options.discussion)
        if screen.json:
            screen.document(discussion)
            return OK
        here.conversation.discussion(discussion)
        (await here.differing(discussion["id"])).after_round()
    return OK
