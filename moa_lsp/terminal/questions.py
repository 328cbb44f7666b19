"""What the architects ask the user: put one after the other where somebody sits at a terminal, else only told.

An answer is one of the choices by its number, or the user's own words. The server keeps it, and tells it to everybody
with the next message.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from attrs import frozen

from moa_lsp.terminal.arguments import OK
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.review import Interrupted, typed
from moa_lsp.terminal.screen import QUIET, STRONG, Screen
from moa_lsp.terminal.session import NothingToDo, Session, WrongUsage, launch_of, session

Ask = Callable[[str], str | None]
"""Puts a question and returns what was typed, or `None` where there is nobody to answer."""


@frozen
class Asked:
    """A question without an answer, and the turn that it was asked in."""

    round: int
    turn: Json
    question: Json

    @property
    def choices(self) -> list[str]:
        return self.question["choices"]

    def show(self, screen: Screen, number: int | None = None) -> None:
        """The question and its choices; `number` tells it from others."""
        architect = self.turn["architect"]
        before = "" if number is None else f"{number}. "
        screen.say(before, (f"{architect} asks: ", screen.colour(architect)), (self.question["text"], STRONG))
        for at, choice in enumerate(self.choices, 1):
            screen.say(f"  {at}) {choice}")

    def meant(self, typed: str) -> str:
        """The answer that was typed: a choice's words where it is a choice's number."""
        if typed.isdecimal() and 1 <= int(typed) <= len(self.choices):
            return self.choices[int(typed) - 1]
        return typed


def open_questions(rounds: Iterable[Json]) -> list[Asked]:
    """Those without an answer, in the order they were asked."""
    return [
        Asked(round["number"], turn, question)
        for round in rounds
        for turn in round["turns"]
        for question in turn.get("questions") or ()
        if question["answer"] is None
    ]


async def put(here: Session, asked: list[Asked], discussion: str, ask: Ask = typed) -> Json | None:
    """Puts these questions, where somebody can answer, and hands the answers on. Returns the discussion as it then
    stands; `None` where nothing was answered."""
    result: Json | None = None
    if asked and not here.screen.interactive:
        number = "a question" if len(asked) == 1 else f"{len(asked)} questions"
        here.screen.hint(f"there {'is' if len(asked) == 1 else 'are'} {number} to you: moa-lsp answer")
        return result
    for one in asked:
        here.screen.show()
        one.show(here.screen)
        by = f"1-{len(one.choices)}, or your own words" if one.choices else "your own words"
        try:
            answer = ask(f"Your answer ({by}; Enter leaves it open): ")
        except Interrupted:
            answer = None
        if answer is None:
            break
        if answer:
            result = await hand_on(here, one, one.meant(answer), discussion)
    if result is not None:
        here.screen.hint("your answers go to all architects with the next message")
    return result


async def hand_on(here: Session, asked: Asked, answer: str, discussion: str) -> Json:
    turn, question = asked.turn["number"], asked.question["number"]
    told: Json = {"round": asked.round, "turn": turn, "question": question, "answer": answer}
    return await here.ask("answer-question", discussion=discussion, **told)


async def answer(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        discussion: Json = await here.ask("show-discussion", discussion=options.discussion)
        here.conversation.learn(discussion)
        asked = open_questions(discussion.get("rounds") or ())
        if not asked:
            raise NothingToDo("The architects have no open question.")
        if options.answer is None and screen.interactive:
            discussion = await put(here, asked, discussion["id"]) or discussion
        elif options.answer is None:
            for number, one in enumerate(asked, 1):
                one.show(screen, number)
            screen.hint('to answer: moa-lsp answer "…" (a choice by its number) [--question N]')
        else:
            discussion = await _answer(here, asked, options, discussion["id"])
    if screen.json:
        screen.document(discussion)
    return OK


async def _answer(here: Session, asked: list[Asked], options: argparse.Namespace, discussion: str) -> Json:
    number: int = options.question or 1
    if number > len(asked):
        raise WrongUsage(f"There is no question {number}; {len(asked)} are open (see: moa-lsp answer).")
    if len(asked) > 1 and options.question is None:
        raise WrongUsage(f"{len(asked)} questions are open: say which, with --question N (see: moa-lsp answer).")
    one = asked[number - 1]
    said = one.meant(options.answer)
    result = await hand_on(here, one, said, discussion)
    here.screen.say((f"{one.turn['architect']} asked: ", QUIET), one.question["text"])
    here.screen.say((f"you: {said}", STRONG))
    here.screen.hint("it goes to all architects with the next message")
    return result
