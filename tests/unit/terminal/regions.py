"""The wire's objects of a disagreement in small, for the terminal client's tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def way(architects: Sequence[str], ids: Sequence[str], summary: str = "delete 1 line", **others: Any) -> Json:
    """An alternative; each hunk `h…` is of the change `c…`."""
    return {
        "architects": list(architects),
        "supporters": [],
        "hunks": [{"change": f"c{id[1:]}", "hunk": id} for id in ids],
        "summary": summary,
        "reason": "",
        "newText": "",
        **others,
    }


def view(architect: str, kind: str, alternative: int = 0, reason: str = "") -> Json:
    return {"architect": architect, "kind": kind, "alternative": alternative, "reason": reason}


def region(path: Path, lines: tuple[int, int], stand: str, *ways: Json, views: Sequence[Json] = ()) -> Json:
    """Lines are 0-based, the second excluded."""
    hunks = [one["hunk"] for alternative in ways for one in alternative["hunks"]]
    return {
        "id": hunks[0],
        "uri": path.as_uri(),
        "range": {"start": {"line": lines[0], "character": 0}, "end": {"line": lines[1], "character": 0}},
        "stand": stand,
        "message": "They differ here.",
        "hunks": hunks,
        "alternatives": list(ways),
        "views": list(views),
    }


def disagreement(*regions: Json) -> Json:
    stands = [one["stand"] for one in regions]
    counts = {stand: stands.count(stand) for stand in ("contested", "agreed", "alone", "settled")}
    return {"discussion": "d1", "architects": ["alpha", "bravo", "charlie"], "regions": list(regions), "counts": counts}


def contested(folder: Path) -> Json:
    """Alpha and bravo differ about lines 12 to 14 of `api.py`, and charlie supports bravo."""
    reason = "it hides KeyError"
    return region(
        folder / "api.py",
        (11, 14),
        "contested",
        way(["alpha"], ["h1"], "replace 3 lines by 1 line: return None", newText="return None\n"),
        way(["bravo"], ["h2", "h3"], "replace 3 lines by 2 lines: try:", supporters=["charlie"], reason="callers know"),
        views=[view("bravo", "object", 0, reason), view("alpha", "amend", 1, "keep the name")],
    )


def all_stands(folder: Path) -> Json:
    return disagreement(
        region(folder / "a" / "errors.py", (0, 0), "agreed", way(["alpha", "bravo"], ["h4"], "new file: class Gone:")),
        contested(folder),
        region(folder / "api.py", (29, 30), "alone", way(["charlie"], ["h5"], "delete 1 line")),
        region(folder / "api.py", (39, 40), "settled", way(["alpha"], ["h6"], "insert 1 line: x", settled="taken")),
    )
