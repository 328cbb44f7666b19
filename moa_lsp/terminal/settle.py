"""The terminal client's commands about disagreement: showing it, and settling it by a name and a place.

A place is typed as it is shown, `api.py:12` or `api.py:12-14`; which hunks are meant is looked up in what the server
says, and what comes of a decision is the server's to say too. Nothing here calls a model, and only `compose` writes,
after a yes.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from moa_lsp.terminal.arguments import OK
from moa_lsp.terminal.commands import changes_of, offer
from moa_lsp.terminal.connection import Json, RequestFailed
from moa_lsp.terminal.differing import Differing, counted, lines_of, stand_mark, told, whose
from moa_lsp.terminal.edited_text import Refused
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import STRONG, Screen
from moa_lsp.terminal.session import NothingToDo, Session, WrongUsage, launch_of, session

_PLACE = re.compile(r"^(?P<path>.+?)(?::(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?)?$")


async def disagreement(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        differing = await here.differing(options.discussion)
    regions = differing.regions
    if options.only_contested:
        regions = [region for region in regions if region["stand"] == "contested"]
    if options.architect is not None:
        name = _architect(differing, options.architect)
        regions = [region for region in regions if _takes_part(region, name)]
    if screen.json:
        screen.document({**differing.disagreement, "regions": regions})
        return OK
    differing.matrix(regions)
    if not regions:
        screen.hint(
            "there is nothing to see: no proposal that waits edits anything" + (" so" if differing.regions else "")
        )
    screen.say((counted(differing.disagreement["counts"]), STRONG))
    differing.settling(regions)
    return OK


# --- settling


async def take(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    if options.hunk and options.name is not None:
        raise WrongUsage("Name an architect, or hunks with --hunk, not both.")
    if not options.hunk and options.name is None:
        raise WrongUsage("Say whose edit is to be taken: moa-lsp take NAME [PLACE], or moa-lsp take --hunk ID.")

    async def chosen(_here: Session, differing: Differing) -> list[str]:
        if options.hunk:
            return options.hunk
        name = _architect(differing, options.name)
        backed = [(region, found) for region in _meant(differing, options.place) if (found := _backed_by(region, name))]
        hunks = [id for _, found in _first_contested(backed) for id in _ids(found)]
        if not hunks:
            raise NothingToDo(_nothing(differing, options.place, f"that {name} proposes or supports"))
        return hunks

    return await _settle(options, screen, interrupt, chosen)


async def leave(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async def chosen(_here: Session, differing: Differing) -> list[str]:
        meant = [(region, region["hunks"]) for region in _meant(differing, options.place)]
        hunks = options.hunk or [id for _, ids in _first_contested(meant) for id in ids]
        if not hunks:
            raise NothingToDo(_nothing(differing, options.place, "to leave as it is"))
        return hunks

    _one_way(options)
    return await _settle(options, screen, interrupt, chosen)


async def reopen(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async def chosen(here: Session, differing: Differing) -> list[str]:
        if options.hunk:
            return options.hunk
        # What was decided against no longer waits, so it stands with what was said.
        discussion: Json = await here.ask("show-discussion", discussion=options.discussion)
        hunks = [
            hunk["id"]
            for change in changes_of(discussion)
            for file in change["files"]
            for hunk in file["hunks"]
            if hunk.get("settled") and _is_at(differing, options.place, file["uri"], hunk["range"])
        ]
        if not hunks:
            raise NothingToDo(f"At {options.place} nothing was decided (see: moa-lsp show).")
        return hunks

    _one_way(options)
    return await _settle(options, screen, interrupt, chosen)


def _one_way(options: argparse.Namespace) -> None:
    if bool(options.hunk) == bool(options.place):
        raise WrongUsage(f"Say where: moa-lsp {options.command} PLACE (as in api.py:12), or --hunk ID.")


async def _settle(
    options: argparse.Namespace,
    screen: Screen,
    interrupt: Interrupt,
    chosen: Callable[[Session, Differing], Awaitable[list[str]]],
) -> int:
    """Has these hunks settled as the command says, and shows how what they were about stands then."""
    async with session(launch_of(options), screen, interrupt) as here:
        before = await here.differing(options.discussion)
        hunks = await chosen(here, before)
        reason: str | None = getattr(options, "reason", None)
        result: Json = await here.ask(options.command, hunks=hunks, reason=reason, discussion=options.discussion)
        _show_settled(before, Differing(screen, here.client.folder, result), hunks)
        if options.command != "reopen" and not result["counts"]["contested"]:
            await _what_next(here, options)
    if screen.json:
        screen.document(result)
    return OK


def _show_settled(before: Differing, after: Differing, hunks: Sequence[str]) -> None:
    touched = [region for region in before.regions if set(hunks) & set(region["hunks"])]
    ids = {*hunks, *(id for region in touched for id in region["hunks"])}
    there = [region for region in after.regions if ids & set(region["hunks"])]
    for region in there:
        if region["stand"] == "contested":
            after.in_short(region)
        else:
            place = (after.place(region), STRONG)
            after.screen.say(*stand_mark(region["stand"]), place, f"  {told(region)}")
    known = {id for region in after.regions for id in region["hunks"]}
    for region in touched:
        if not known & set(region["hunks"]):
            after.screen.say(*stand_mark("settled"), (before.place(region), STRONG), "  left as it is")
    after.screen.say((counted(after.disagreement["counts"]), STRONG))


async def _what_next(here: Session, options: argparse.Namespace) -> None:
    plan: Json = await here.ask("plan", discussion=options.discussion)
    if plan["free"]:
        here.screen.hint(
            "everything is decided: moa-lsp code puts it together without a model, and asks before it writes"
        )
    else:
        here.screen.hint("nothing is contested any more; what is still open: moa-lsp plan")


# --- composing


async def compose(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        differing = await here.differing(options.discussion)
        hunks = _composed(differing, options.what) + options.hunk
        if not hunks:
            raise NothingToDo("Nothing was taken yet. Name architects or hunks: moa-lsp compose NAME…, or --hunk ID.")
        try:
            change: Json = await here.ask(
                "compose", hunks=list(dict.fromkeys(hunks)), title=options.title, discussion=options.discussion
            )
        except RequestFailed as error:
            pairs = [] if screen.json else _conflicts(differing, error.data)
            if not pairs:
                raise
            named = "\n".join(["Nothing was put together, since these can't stand side by side:", *pairs])
            raise RequestFailed(error.code, named) from None
        result, exit_code = await offer(here, change, yes=options.yes)
    if screen.json:
        screen.document(result)
    return exit_code


def _composed(differing: Differing, what: Sequence[str]) -> list[str]:
    """The hunks that are meant: an architect's that wait, those of a change by its id; without any what was taken."""
    names = {name.lower() for name in differing.disagreement["architects"]}
    hunks: list[str] = []
    for one in what:
        known = [
            hunk["hunk"]
            for region in differing.regions
            for alternative in _alternatives(region)
            if alternative.get("settled") != "against"
            for hunk in alternative["hunks"]
            if one == hunk["change"] or one.lower() in map(str.lower, alternative["architects"])
        ]
        if not known and one.lower() in names:
            raise NothingToDo(f"Nothing that {one} proposed waits.")
        if not known:
            raise WrongUsage(f"{one} is no architect here, and no change with hunks that wait.")
        hunks += known
    if not what:
        taken = [one for region in differing.regions for one in _alternatives(region) if one.get("settled") == "taken"]
        hunks = _ids(taken)
    return hunks


def _conflicts(differing: Differing, data: Json | None) -> list[str]:
    """Each pair that can't stand together, by who proposes it and where."""
    known: dict[str, str] = {
        hunk["hunk"]: f"{whose(alternative)}'s of {differing.place(region)} ({hunk['hunk']})"
        for region in differing.regions
        for alternative in _alternatives(region)
        for hunk in alternative["hunks"]
    }
    found: list[Json] = (data or {}).get("conflicts") or []
    pairs: list[tuple[list[str], str]] = [(one["hunks"], one["reason"]) for one in found]
    return [f"! {' and '.join(known.get(id, id) for id in hunks)}: {reason}" for hunks, reason in pairs]


# --- what is meant


def _architect(differing: Differing, name: str) -> str:
    """The architect's name as it is written; told apart without regard to case."""
    names: list[str] = differing.disagreement["architects"]
    known = next((one for one in names if one.lower() == name.lower()), None)
    if known is None:
        raise WrongUsage(f"There is no architect {name} here. There are: {', '.join(names) or 'none'}.")
    return known


def _takes_part(region: Json, name: str) -> bool:
    return bool(_backed_by(region, name)) or any(view["architect"] == name for view in region["views"])


def _alternatives(region: Json) -> list[Json]:
    return region["alternatives"]


def _backed_by(region: Json, name: str) -> list[Json]:
    """The alternative that an architect proposes, or else the one that it supports."""
    proposed = [one for one in _alternatives(region) if name in one["architects"]]
    return proposed or [one for one in _alternatives(region) if name in one["supporters"]]


def _ids(alternatives: Sequence[Json]) -> list[str]:
    return [hunk["hunk"] for one in alternatives for hunk in one["hunks"]]


def _meant(differing: Differing, place: str | None) -> list[Json]:
    """The regions at a place; without one, all that are contested."""
    if place is None:
        return [region for region in differing.regions if region["stand"] == "contested"]
    return [region for region in differing.regions if _is_at(differing, place, region["uri"], region["range"])]


def _is_at(differing: Differing, place: str, uri: str, range: Json) -> bool:
    """Whether these lines of a file are where the user points: its name as it is shown, from the workspace folder, or
    as a file is named where the user stands."""
    match = _PLACE.match(place)
    if match is None:
        return False
    begins, ends = lines_of(range)
    first = int(match["first"] or begins)
    last = int(match["last"] or match["first"] or ends)
    names = [Path(match["path"]).as_posix()]
    with suppress(Refused):
        names.append(differing.folder.inside(Path(match["path"]).absolute()).as_posix())
    return differing.name(uri) in names and first <= ends and begins <= last


def _first_contested(regions: Sequence[tuple[Json, list[Any]]]) -> Sequence[tuple[Json, list[Any]]]:
    """What is contested of these, each with what is asked of it; where nothing is, all of them: an insertion may stand
    on the same line as a contested edit, and isn't meant then."""
    return [one for one in regions if one[0]["stand"] == "contested"] or regions


def _nothing(differing: Differing, place: str | None, what: str) -> str:
    where = f"At {place} there is nothing {what}." if place is not None else f"Nothing contested {what}."
    places = [f"{differing.place(one)} ({one['stand']})" for one in differing.regions[:5]]
    return where + (f" There is: {', '.join(places)}{', …' if len(differing.regions) > 5 else ''}." if places else "")
