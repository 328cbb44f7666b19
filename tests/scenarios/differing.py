"""What the scenarios of disagreement share: edits of the same lines, who makes them, and what is seen of it."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, architects, edit
from tests.scenarios.editor import Editor, capabilities

Json = dict[str, Any]
REFUSED = -32803

GET = "    return store[key]\n"
"""Line 5 of the API (from 1), which architects differ about."""
PUT = "    store[key] = value\n"
DELETE = "    del store[key]\n"


def getting(new: str) -> str:
    """An edit of the line that gets."""
    return edit("api.py", GET, f"    {new}\n")


def putting(new: str) -> str:
    return edit("api.py", PUT, f"    {new}\n")


def deleting(new: str) -> str:
    return edit("api.py", DELETE, f"    {new}\n")


ALPHAS = getting("return store.get(key)")
BRAVOS = getting("return store.pop(key, None)")


def says(*edits: str, stances: str = "", after: str = "") -> Reply:
    """A reply with a proposal of these edits, and with stances below it."""
    proposal = f"<proposal>\n{chr(10).join(edits)}\n</proposal>\n" if edits else ""
    told = f"\n<stances>\n{stances}\n</stances>\n" if stances else ""
    return Reply(f"I looked at it.\n\n{proposal}{told}{after}", usage=USAGE)


async def discussed(begin: Begin, provider: Provider, *replies: Reply, **options: Any) -> tuple[Editor, Json]:
    """An editor with `api.py` open, and a round in which alpha, bravo and so on gave these replies."""
    names = ("alpha", "bravo", "charlie")[: len(replies)]
    for name, reply in zip(names, replies, strict=True):
        provider.script(name, reply, Reply("Fine.", usage=USAGE))
    editor = await begin(settings=architects(provider, *names), **options)
    editor.open(editor.root / "api.py")
    return editor, await editor.ask("discuss", {"message": "What is to be done?"})


def knowing_related(related: bool = True) -> types.ClientCapabilities:
    """The capabilities of an editor that shows, or doesn't, what belongs to a diagnostic."""
    client = capabilities()
    assert client.text_document
    client.text_document.publish_diagnostics = types.PublishDiagnosticsClientCapabilities(related_information=related)
    return client


def hunks(turn: Json) -> list[str]:
    """The ids of the hunks that a turn proposes, in their order."""
    return [hunk["id"] for file in turn["change"]["files"] for hunk in file["hunks"]]


async def changes_now(editor: Editor) -> dict[str, Json]:
    """Every change of the current discussion as it stands now, by its id."""
    discussion = await editor.ask("show-discussion")
    runs = [*(turn for round in discussion["rounds"] for turn in round["turns"]), *discussion["codings"]]
    return {run["change"]["id"]: run["change"] for run in runs if run.get("change")}


async def hunks_now(editor: Editor) -> dict[str, Json]:
    """Every hunk of the current discussion as it stands now, by its id."""
    changes = await changes_now(editor)
    return {hunk["id"]: hunk for change in changes.values() for file in change["files"] for hunk in file["hunks"]}


def seen(disagreement: Json) -> list[tuple[int, int, str, list[tuple[str, str]]]]:
    """Each region's lines, how it stands, and its alternatives as who proposes and who supports them."""
    return [
        (
            region["range"]["start"]["line"],
            region["range"]["end"]["line"],
            region["stand"],
            [(" ".join(one["architects"]), " ".join(one["supporters"])) for one in region["alternatives"]],
        )
        for region in disagreement["regions"]
    ]


def stood(disagreement: Json) -> list[str]:
    return [region["stand"] for region in disagreement["regions"]]
