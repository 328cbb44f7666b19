"""A chat as another program sends it, in the shape of OpenAI's chat completions, and the views of it that models get.

Rules: who answers gets the program's messages as they are; the others get what was said by the two sides in words,
without system prompts, tools and pictures, up to the last thing that the user said, beginning with the user and never
two of a role in a row at the places that are ours. What would have to be fetched from elsewhere is refused, since that
would be a request from this machine to wherever a message says.

Pure. Never here: who is asked (`answer.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from attrs import evolve, frozen

from moa_lsp.discussion.values import Message
from moa_lsp.models.model import Passing

ROLES = ("system", "developer", "user", "assistant", "tool")

_PARTS: Mapping[str, str | None] = {
    "text": None,
    "refusal": None,
    "input_audio": None,
    "image_url": "url",
    "file": "file_data",
}
"""The parts that a message may consist of, and where in one there stands what could have to be fetched."""


class BadChat(Exception):
    """What a program sent can't be asked of a model; the message is for whoever wrote the program. `parameter` is what
    it is about."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@frozen
class Chat:
    """What is to be answered. `messages` and `parameters` are OpenAI-shaped; of the parameters only those are passed on
    that `moa_lsp/models/model.py` names. Make one of what another program sent by `read`."""

    messages: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any]

    @classmethod
    def saying(cls, text: str, **parameters: Any) -> Chat:
        """The chat in which the user says this, and nothing was said before."""
        return cls(({"role": "user", "content": text},), parameters)

    @classmethod
    def read(cls, messages: object, parameters: Mapping[str, object]) -> Chat:
        """Takes what another program sent. Raises `BadChat`."""
        if not isinstance(messages, list) or not messages:
            raise BadChat("messages is to be a list with at least one message in it.", "messages")
        said = tuple(_message(one, f"messages[{at}]") for at, one in enumerate(cast("list[object]", messages)))
        _check_tools(parameters.get("tools"))
        return cls(said, parameters)

    @property
    def question(self) -> str | None:
        """What the user said last, or `None` where they said nothing in words."""
        at = self._last_said
        return None if at is None else _words(self.messages[at])

    @property
    def goes_on(self) -> bool:
        """Whether there is more below what the user said last: tools were called about it."""
        return self._last_said is not None and self._last_said + 1 < len(self.messages)

    @property
    def before(self) -> tuple[Message, ...]:
        """What was said before the question, as those see it who only advise."""
        messages = self.messages[: self._last_said]
        said = [
            Message("user" if one["role"] == "user" else "assistant", text)
            for one in messages
            if one["role"] in ("user", "assistant") and (text := _words(one)).strip()
        ]
        begun = next((at for at, one in enumerate(said) if one.role == "user"), len(said))
        return tuple(said[begun:])

    def in_words(self) -> tuple[Message, ...]:
        """All of it for a model that takes words only: without tools and pictures, the system's messages first."""
        system = [text for one in self.messages if one["role"] in ("system", "developer") and (text := _words(one))]
        first = [Message("system", "\n\n".join(system))] if system else []
        question = self.question
        last = [Message("user", question)] if question is not None else []
        return (*first, *self.before, *last)

    def told(self, more: str) -> Chat:
        """This chat with more text below what the user said last."""
        at = self._last_said
        if at is None or not more:
            return self
        message = self.messages[at]
        content: object = message["content"]
        if isinstance(content, str):
            longer: object = f"{content}\n\n{more}"
        else:
            longer = [*cast("list[object]", content), {"type": "text", "text": more}]
        messages = (*self.messages[:at], {**message, "content": longer}, *self.messages[at + 1 :])
        return evolve(self, messages=messages)

    @property
    def passing(self) -> Passing:
        """What is passed on to who answers."""
        return Passing(self.messages, self.parameters)

    @property
    def _last_said(self) -> int | None:
        places = range(len(self.messages) - 1, -1, -1)
        return next((at for at in places if self.messages[at]["role"] == "user" and _words(self.messages[at])), None)


def _words(message: Mapping[str, Any]) -> str:
    """The text of a message; nothing of what else is in it."""
    content: object = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in _parts(content) if part.get("type") == "text")


def _parts(content: object) -> Iterator[Mapping[str, Any]]:
    yield from cast("list[Mapping[str, Any]]", content) if isinstance(content, list) else ()


def _message(given: object, where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise BadChat(f"{where} is to be an object with a role and a content.", where)
    message = cast("dict[str, Any]", given)
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        raise BadChat(f"{where}.role is to be one of {', '.join(ROLES)}.", f"{where}.role")
    if isinstance(content, list):
        for at, part in enumerate(cast("list[object]", content)):
            _check_part(part, f"{where}.content[{at}]")
    elif content is not None and not isinstance(content, str):
        raise BadChat(f"{where}.content is to be a text or a list of parts.", f"{where}.content")
    if content is None and role != "assistant":
        raise BadChat(f"{where} says nothing: it has no content.", f"{where}.content")
    return message


def _check_part(given: object, where: str) -> None:
    part = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    kind: object = part.get("type")
    if not isinstance(kind, str) or kind not in _PARTS:
        raise BadChat(f"{where} is to be a part of one of these types: {', '.join(_PARTS)}.", where)
    if kind in ("text", "refusal"):
        if not isinstance(part.get(kind), str):
            raise BadChat(f"{where}.{kind} is to be a text.", where)
        return
    inside: object = part.get(kind)
    fetched = _PARTS[kind]
    if fetched is None or not isinstance(inside, dict):
        if not isinstance(inside, dict):
            raise BadChat(f"{where}.{kind} is to be an object.", where)
        return
    if not str(cast("dict[str, Any]", inside).get(fetched)).startswith("data:"):
        what = f"{where}.{kind}.{fetched}"
        raise BadChat(f"{what} is to hold the data itself (data:…;base64,…): nothing is fetched for a message.", what)


def _check_tools(given: object) -> None:
    if given is None:
        return
    tools: Sequence[object] = cast("list[object]", given) if isinstance(given, list) else (None,)
    for one in tools:
        tool = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
        if tool.get("type") != "function" or not isinstance(tool.get("function"), dict):
            # Others are carried out by a provider or by litellm, on an address that the request names.
            raise BadChat("tools is to be a list of functions: {type: 'function', function: {…}}.", "tools")
