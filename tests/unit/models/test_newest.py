"""Which models of a long list people are shown: the newest by their names, each once."""

from __future__ import annotations

from moa_lsp.models.newest import newest


def test_higher_numbers_come_first_and_the_providers_own_choice_before_all() -> None:
    names = ["a/gpt-4o", "a/gpt-6-sol", "a/gpt-5.6", "a/gpt-6.1-sol", "a/o3", "a/gpt-5"]
    assert newest(names, "a/gpt-6-sol", 5) == ["a/gpt-6-sol", "a/gpt-6.1-sol", "a/gpt-5.6", "a/gpt-5", "a/gpt-4o"]
    assert newest(names, None, 2) == ["a/gpt-6.1-sol", "a/gpt-6-sol"]
    assert newest([], "a/router", 5) == ["a/router"]


def test_a_version_is_a_number_whatever_stands_in_it() -> None:
    assert newest(["c/opus-4-8", "c/opus-5", "c/opus-5-5", "c/opus-4-20"], None, 9) == [
        "c/opus-5-5",
        "c/opus-5",
        "c/opus-4-8",
        "c/opus-4-20",
    ]


def test_a_size_or_a_date_is_no_version_and_the_latest_is_the_newest() -> None:
    names = ["m/ministral-14b", "m/large-latest", "m/medium-3-2508", "m/command-08-2024"]
    assert newest(names, None, 9)[:2] == ["m/large-latest", "m/medium-3-2508"]


def test_the_same_model_stands_once_and_other_trades_not_at_all() -> None:
    names = [
        "o/gpt-5",
        "o/gpt-5-2025-08-07",
        "c/haiku-4-5",
        "c/haiku-4-5-20251001",
        "x/grok-4.5",
        "x/grok-4.5-latest",
        "m/codestral-2508",
        "m/codestral-latest",
        "o/gpt-4o-audio-preview",
        "o/gpt-4o-search-preview",
        "g/llama-guard-3",
        "g/gemini-robotics-er-2",
        "o/o1-2024-12-17",
    ]
    kept = {"o/gpt-5", "c/haiku-4-5", "x/grok-4.5", "m/codestral-latest", "o/o1-2024-12-17"}
    assert set(newest(names, None, 99)) == kept
