"""Frames out of a stream of bytes: whatever stands around them, each body comes out as it was sent."""

from __future__ import annotations

import asyncio
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.lsp import transport
from moa_lsp.lsp.transport import FrameReader, FrameWriter, read_body

names = st.sampled_from([b"Content-Length", b"content-length", b"CONTENT-LENGTH", b"Content-length"])
junk_lines = (
    st.binary(max_size=40)
    .filter(lambda line: b"\n" not in line and line.strip() != b"")
    .filter(lambda line: b"content-length" not in line.lower())
)
ends = st.sampled_from([b"\r\n", b"\n"])


@st.composite
def frames(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A frame with whatever headers, and its body."""
    body = draw(st.binary(max_size=200))
    end = draw(ends)
    blank = draw(st.sampled_from([b"", b" ", b"\t", b"  "]))
    head = draw(names) + blank + b":" + blank + str(len(body)).encode() + blank
    lines = [*draw(st.lists(junk_lines, max_size=3)), head, *draw(st.lists(junk_lines, max_size=3))]
    before = draw(st.lists(ends, max_size=3))
    return b"".join(before) + end.join(lines) + end + end + body, body


def bodies(data: bytes) -> list[bytes]:
    stream = io.BytesIO(data)
    found: list[bytes] = []
    while (body := read_body(stream)) is not None:
        found.append(body)
    return found


@given(st.lists(frames(), max_size=5))
def test_every_body_comes_out_whatever_the_headers(sent: list[tuple[bytes, bytes]]) -> None:
    assert bodies(b"".join(frame for frame, _ in sent)) == [body for _, body in sent]


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_and_the_end_is_the_end(data: bytes) -> None:
    assert all(len(body) <= len(data) for body in bodies(data))


@given(
    st.sampled_from([b"-1", b"abc", b"", b"1.5", b"0x10", b"1 2", b"9" * 30]),
    st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=40),
    st.sampled_from([b"", b"\n", b"\r\n\r\n"]),
)
def test_a_message_without_a_usable_length_costs_only_itself(length: bytes, body: str, behind: bytes) -> None:
    bad = b"Content-Length: " + length + b"\r\n\r\n" + f"{{{body}}}".encode() + behind
    assert bodies(bad + b"Content-Length: 4\r\n\r\ngood" + b"Content-Length: 2\r\n\r\nok")[-1] == b"ok"
    assert b"good" in bodies(bad + b"Content-Length: 4\r\n\r\ngood")


def test_a_stream_that_ends_inside_of_a_frame_has_no_more_bodies() -> None:
    for cut in (b"Content-Le", b"Content-Length: 5", b"Content-Length: 5\r\n\r\n", b"Content-Length: 5\r\n\r\nfour"):
        assert bodies(b"Content-Length: 3\r\n\r\none" + cut) == [b"one"]


def test_other_headers_that_end_alike_are_no_length() -> None:
    assert bodies(b"X-Content-Length: 9\r\nContent-Length: 3\r\nOld-Content-Length: 7\r\n\r\none") == [b"one"]


def test_a_message_over_the_limit_is_read_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_BODY", 10)
    assert bodies(b"Content-Length: 11\r\n\r\n01234567890Content-Length: 2\r\n\r\nok") == [b"ok"]


async def test_the_reader_hands_bodies_on_in_order_and_then_the_end() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream:
        reader = FrameReader(stream)
        reader.start()
        with os.fdopen(write, "wb") as sending:
            sending.write(b"Content-Length: 3\r\n\r\noneContent-Length: 3\r\n\r\ntwo")
            sending.flush()
            assert [await reader.next(), await reader.next()] == [b"one", b"two"]
        assert await asyncio.wait_for(reader.next(), 10) is None


def test_a_client_that_is_gone_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "wb", buffering=0)
    FrameWriter(stream).write(b"Content-Length: 2\r\n\r\nok")
    stream.close()
    FrameWriter(stream).write(b"closed by now")
