"""aider's matchers, answering one request after the other; runs in an environment of its own, and knows only aider.

One JSON object a line comes in: `form` (`blocks` or `diff`), `path`, `text`, `reply`, `fence`, `times`. One goes out:
`text` (null where all was refused), `seconds` (a list, one for each time), `hints`, `already`, `failure`.

What is done and timed is what `EditBlockCoder` and `UnifiedDiffCoder` do with a reply, on text in memory: their
`get_edits` and `apply_edits` without reading and writing the file for each edit, without the dry run before, and
without trying a failed block a second time on the chat's files. All three would cost aider more.
"""

import json
import sys
import time

from aider.coders import editblock_coder, udiff_coder
from aider.coders.search_replace import SearchTextNotUnique


def blocks(path, text, reply, fence):
    edits = editblock_coder.find_original_update_blocks(reply, (fence, fence), [path])
    failed = []
    placed = 0
    for edit_path, original, updated in (edit for edit in edits if edit[0] is not None):
        new = (
            editblock_coder.do_replace(edit_path, text, original, updated, (fence, fence))
            if edit_path == path
            else None
        )
        if new:
            text = new
            placed += 1
        else:
            failed.append((original, updated))
    hints = sum(bool(editblock_coder.find_similar_lines(original, text)) for original, _ in failed)
    already = any(updated and updated in text for _, updated in failed)
    return text, placed, hints, already


def diff(path, text, reply, fence):  # noqa: ARG001
    placed = 0
    seen = set()
    last = None
    for edit_path, hunk in udiff_coder.find_diffs(reply):
        last = edit_path or last
        hunk = udiff_coder.normalize_hunk(hunk)
        key = "".join([last, "\n", *hunk])
        if not hunk or last != path or key in seen:
            continue
        seen.add(key)
        try:
            new = udiff_coder.do_replace(path, text, hunk)
        except SearchTextNotUnique:
            continue
        if new:
            text = new
            placed += 1
    return text, placed, 0, False


def answer(request):
    run = {"blocks": blocks, "diff": diff}[request["form"]]
    seconds = []
    text, placed, hints, already, failure = request["text"], 0, 0, False, ""
    for _ in range(request["times"]):
        started = time.perf_counter()
        try:
            text, placed, hints, already = run(request["path"], request["text"], request["reply"], request["fence"])
        except Exception as error:
            # aider shows such an error to its model as one that the reply made: nothing is placed.
            text, placed, failure = request["text"], 0, repr(error)[:200]
        seconds.append(time.perf_counter() - started)
    text = text if placed else None
    return {"text": text, "seconds": seconds, "hints": hints, "already": already, "failure": failure}


def main():
    # Whatever a library prints must not come between the answers.
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        out.write(json.dumps(answer(json.loads(line))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
