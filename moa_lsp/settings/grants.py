"""What of a project's `moa.toml` needs trust, in pieces that the user agrees to one by one. Pure.

A piece (`Grant`) is what only means something together. Of an architect that is its model and every key that says where
it is asked, with which key and with which headers: an address that was agreed to for one provider's model isn't agreed
to for another's, whose key would go there. Its place, its name and its role aren't part of it, so that moving an
architect asks nobody anything. Which pieces were agreed to is the caller's to know. Never here: asking, keeping.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from moa_lsp.settings.shapes import Key, Trust, keys_of

_MODEL_SAFE = re.compile(r"[A-Za-z0-9._/@+:-]+")
_RECORDING = re.compile(r"replay:[A-Za-z0-9_-]+")
_PICKED_VERSION = re.compile(r":[0-9a-fA-F]{64}$")
_LONGEST_SHOWN = 120
_MOST_SHOWN = 4


@frozen
class Grant:
    """Something that a project asks for and that needs trust. `asks` completes "it wants …", for people; `id` is the
    same for the same content, and tells nothing of it."""

    asks: str
    id: str = field(repr=False)


def asks_trust(one: Key, value: object) -> bool:
    """Whether this value of a key is taken from a project only with trust."""
    return one.trust is Trust.TRUSTED or (one.trust is Trust.ONLY_ON and value is not True)


def may_be_asked(model: str) -> bool:
    """Whether a model that an untrusted project names goes to the provider that the user has an account with, and
    nowhere else.

    Read in litellm's source: `huggingface/https://…` and `oobabooga/https://…` send everything to that URL. A Bedrock
    ARN may be in another's account, and Replicate (also where it is only meant, by a version's 64 digits) runs its
    users' own programs. A recording may only be one of the package's own.
    """
    if model.lower().startswith("replay:"):
        return _RECORDING.fullmatch(model) is not None
    plain = model.lower()
    return (
        _MODEL_SAFE.fullmatch(model) is not None
        and "//" not in plain
        and "http:" not in plain
        and "https:" not in plain
        and "arn:" not in plain
        and not plain.startswith("replicate/")
        and _PICKED_VERSION.search(plain) is None
    )


def gated(cls: type, values: Mapping[str, Any]) -> list[str]:
    """The keys among a table's good values that need trust, by field name."""
    return [name for name, one in keys_of(cls).items() if name in values and asks_trust(one, values[name])]


def entry_grant(cls: type, values: Mapping[str, Any]) -> Grant | None:
    """What a model's entry, as it was read, asks trust for; `None` where it needs none."""
    names = gated(cls, values)
    model: str = values["model"]
    if not names and may_be_asked(model):
        return None
    return Grant(_entry_in_words(values, names), _id({"model": model, **{name: values[name] for name in names}}))


def key_grant(name: str, value: object) -> Grant:
    """What a key of the settings themselves asks trust for."""
    words = {
        "record_to": f"replies to be recorded in {_shown(str(value))}",
        "confirm_edits": "edits not to be confirmed one by one",
    }
    return Grant(words.get(name, f"`{name}` to hold"), _id({name: value}))


def in_words(grants: Sequence[Grant]) -> str:
    """What several grants ask for, as one line that isn't without end."""
    asked = list(dict.fromkeys(grant.asks for grant in grants))
    more = len(asked) - _MOST_SHOWN
    return "; ".join(asked[:_MOST_SHOWN]) + (f"; and {more} more of the kind" if more > 0 else "")


def _entry_in_words(values: Mapping[str, Any], names: Sequence[str]) -> str:
    model, name = _shown(values["model"]), values.get("name")
    words = f"requests of {_shown(name)} ({model})" if name else f"requests of {model}"
    words += f" to go to {_shown(values['api_base'])}" if "api_base" in names else " to go out"
    if not may_be_asked(values["model"]):
        words += " to the place that the model's name leads to"
    if "api_key_env" in names:
        words += f", with the key in {values['api_key_env']}"
    if "headers" in names:
        # Their texts aren't shown: what is meant to be one may yet be a key.
        words += f", with the headers {_shown(', '.join(values['headers']) or 'none')}"
    return words


def _id(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _shown(text: str) -> str:
    """A text as a question can hold it: on one line, not without end, and no link (VS Code makes one of `[a](b)`)."""
    shown = "".join(one if one.isprintable() else "…" for one in text).replace("](", "] (")
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
