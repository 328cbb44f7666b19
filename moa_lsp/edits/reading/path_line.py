"""Which file a line of a reply names, as models write it: bare, bold, quoted, as a heading, after "File:".

Rules:
- A line names a file only as a whole. A sentence that mentions one doesn't, except that a single path in backticks in
  it is told apart (`mentioned_paths`), since it's better known than the file of the edit before.
- A path in a comment counts only inside a fence, directly above a SEARCH marker: anywhere else a comment belongs to the
  code below it.
- What could as well be a caption ("Before/After:", "Node.js", "`os.path`") isn't taken for the name of a whole file.
- What is returned is as the model wrote it, with the escapes of `discussion/fences.py` undone. Whether it may be
  edited is `edits/paths.py`'s matter.
"""

from __future__ import annotations

import re

from attrs import frozen

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.reading.reply import Stand, fence_of

_HEADING = re.compile(r"^#{1,6}[ \t]+")
_ITEM = re.compile(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+")
_STEP = re.compile(r"^\d{1,3}[.):][ \t]+")
_LABEL = re.compile(
    r"^(?:\*\*)?(?:new |updated |modified )?(?:file ?name|file ?path|file|path)(?:\*\*)?[ \t]*:(?!//)(?:\*\*)?[ \t]*",
    re.I,
)
_REMARK = re.compile(
    r"(?<![ \t])[ \t]+\((?:a )?(?:new|created?|updated?|modified|edited|changed|unchanged)(?: file)?\)$", re.I
)
_QUOTES = ("`", '"')
_BOLD = ("**", "__", "*")
_MARKS = '`"*_'
# A path has a dot or a slash, or it is a bare name that is marked as one.
_NAMING = re.compile(r"[./\\`\"*_#:&]")
_TICKED = re.compile(r"`([^`\s]+)`")
_FORBIDDEN = re.compile(r"[`<>|*?\",!]|[ \t]{2}|->|[;(=][ \t]|[ \t][(=]")
_EXTENSION = re.compile(r"\.([A-Za-z0-9_+-]*[A-Za-z][A-Za-z0-9_+-]*)$")
_LINK = re.compile(r"^\[[`*]*([^\]`*]+)[`*]*\]\(([^()\s]+)\)$")
_COMMENT = re.compile(r"^(?://+|#+|--(?!-)|;+|%+|/\*+|<!--)")
_INFO_KEY = re.compile(r"^(?:title|file|filename|path)=", re.I)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BARE_NAMES = _words(
    """makefile gnumakefile dockerfile containerfile license licence copying notice authors contributors readme
    changelog gemfile rakefile podfile brewfile procfile jenkinsfile vagrantfile justfile codeowners build workspace
    pipfile caddyfile tiltfile snakefile doxyfile guardfile fastfile cartfile version todo"""
)
# Endings of files that stand at a root under a name without a folder. Others may be `object.member`.
_KNOWN = _words(
    """asm astro awk bash bat bib c cc cfg clj cljs cmake cmd cnf conf cpp cs csproj css csv cts cue cxx d dart diff
    editorconfig edn el elm env erb erl ex exs fish fs fsx gd go gql gradle graphql groovy h haml hbs hcl hpp hrl hs
    htm html hxx ini ino ipynb j2 java jinja jinja2 jl js json json5 jsonc jsonl jsx kt kts less lisp lock lua m mako
    markdown md mdx mjs mk ml mli mm mod mts mustache nim nix org pas patch php phtml pl plist pm po prisma
    properties proto ps1 pug purs py pyi pyx r rake rb rkt rs rst s sass sbt scala scm scss service sh sln sql sum sv
    svelte svg swift tcl template tex tf tfvars thrift tmpl toml tpl ts tsv tsx twig txt v vb vhd vim vue wat xaml xml
    xsd xsl yaml yml zig zsh"""
)
_PRODUCTS = re.compile(
    r"^(?:asp|vb|\w*)\.net$|^(?:node|vue|next|nuxt|express|react|three|d3|backbone|ember)\.js$", re.I
)


@frozen
class Named:
    """A path that a line names.

    `sure` is false where the line may as well be a caption. `listed` says that it's an item of a list.
    """

    path: str
    sure: bool
    listed: bool = False


def named_file(line: str) -> Named | None:
    """The file that the line names; `None` where it's anything else."""
    text = line.strip()
    # Most lines are prose that names nothing, and told so cheaply: a reply may hold half a million of them.
    if (
        not text
        or len(text) > 1024
        or _NAMING.search(text) is None
        or text[-1] in ",;!?"
        or (text[-1] == "." and not text.endswith(".."))
    ):
        return None
    if (link := _LINK.match(text)) and link[2].endswith(link[1].removeprefix("./")):
        text = f"`{link[1]}`"
    item, heading = _ITEM.match(text), _HEADING.match(text)
    if prefix := item or heading:
        text = text[prefix.end() :].strip()
    if heading:
        text = _STEP.sub("", text)
    label = _LABEL.match(text)
    text = _REMARK.sub("", text[label.end() :] if label else text).removesuffix(":").rstrip()
    quoted, bold = False, False
    stripped = True
    while stripped and text and text[0] in _MARKS:
        stripped = False
        for marks, is_quote in ((_BOLD, False), (_QUOTES, True)):
            for mark in marks:
                if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
                    text = text[len(mark) : -len(mark)].strip().removesuffix(":")
                    quoted, bold, stripped = quoted or is_quote, bold or not is_quote, True
    text = _REMARK.sub("", text)
    if not text or _FORBIDDEN.search(unescape(text)):
        return None
    return _as_path(text, quoted or label is not None, bold, heading is not None, item is not None)


def mentioned_paths(line: str) -> tuple[str, ...]:
    """The paths that a sentence holds in backticks; of several only those that are files for sure."""
    ticked = _TICKED.findall(line) if "`" in line else []
    found = dict.fromkeys(one for one in ticked if ("/" in one or _known(one)) and named_file(f"`{one}`"))
    return tuple(as_called(one) for one in found if len(found) == 1 or _known(one))


def path_in_info(info: str) -> str | None:
    """The path behind an opening fence: `python src/app.py`, `python:src/app.py`, `python title=src/app.py`."""
    words = info.split()
    if not words:
        return None
    last = _INFO_KEY.sub("", words[-1]).strip("\"'")
    if len(words) == 1:
        language, colon, path = last.partition(":")
        last = path if colon and language.isidentifier() else last
        if "/" not in last or not _EXTENSION.search(last):
            return None
    return as_called(last) if ("/" in last or _known(last)) and named_file(f"`{last}`") else None


@frozen
class Above:
    """The path that an edit stands under, as it was written.

    `sure` is false where it may be a title, `own` is true where a line of its own or the fence names it. `other` is
    another file that is named as clearly.
    """

    path: str | None
    sure: bool = True
    own: bool = False
    other: str | None = None


def path_above(stand: Stand) -> Above:
    """The path of the edit that begins where the reader stands: above it or its fence, first in the fence, behind the
    fence's language, or named before."""
    at, fences, blanks = stand.at - 1, 0, 0
    while at >= stand.floor:
        line = stand.lines[at]
        fence = fence_of(line)
        if fence is not None and not fences and not blanks:
            if path := path_in_info(fence.info):
                return Above(path, own=True, other=other_file(path, stand, at))
            fences += 1
        elif not line.strip() and blanks < 2:
            blanks += 1
        else:
            if stand.fence is not None and not fences and not blanks and (commented := commented_path(line)):
                return Above(commented, own=True)
            if named := named_file(line):
                return Above(named.path, " " not in named.path or named.sure, own=named.sure)
            mentioned = mentioned_paths(line)
            if mentioned and (stand.path is None or line.rstrip().endswith(":")):
                # Of several none is meant more than the others, and the file of the edit before isn't any longer.
                return Above(mentioned[0] if len(mentioned) == 1 else None)
            break
        at -= 1
    return Above(stand.path)


def other_file(path: str, stand: Stand, at: int) -> str | None:
    """The file that is named on a line of its own above line `at`, if it's another than `path`."""
    above = at - 1 if at > stand.floor and stand.lines[at - 1].strip() else at - 2
    named = named_file(stand.lines[above]) if above >= stand.floor else None
    return named.path if named is not None and named.sure and not same_path(named.path, path) else None


def same_path(one: str, other: str) -> bool:
    """Whether both may mean one file: they are alike, or one is the other's end, with fewer folders."""
    one, other = (path.replace("\\", "/").removeprefix("./") for path in (one, other))
    return f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")


def heads_block(line: str) -> bool:
    """Whether the line, first in a fence and directly above a SEARCH marker, names that block's file."""
    return named_file(line) is not None or commented_path(line) is not None


def commented_path(line: str) -> str | None:
    """The path that a comment holds and nothing else."""
    text = line.strip()
    comment = _COMMENT.match(text) if len(text) <= 1024 else None
    inside = text[comment.end() :].removesuffix("*/").removesuffix("-->") if comment is not None else ""
    named = named_file(inside)
    return named.path if named is not None and named.sure and " " not in named.path else None


def _as_path(text: str, quoted: bool, bold: bool, heading: bool, listed: bool) -> Named | None:
    name = text.replace("\\", "/").rpartition("/")[2]
    folder = len(name) < len(text)
    ending = _EXTENSION.search(name)
    if " " in text and not quoted:
        # A heading or bold words are a title. Bare words may be a path with blanks, which only its file can tell.
        if heading or bold or listed or not ending or text.endswith("."):
            return None
        return Named(as_called(text), sure=False, listed=listed)
    if not folder and not ending and not name.startswith("."):
        known = name.casefold() in _BARE_NAMES and (quoted or bold or heading)
        return Named(as_called(text), sure=True, listed=listed) if known else None
    if text.endswith(".") and name != "..":
        return None
    if folder:
        # "Input/Output:" is a caption; a folder's file without an ending needs its backticks.
        slashed = quoted or ending is not None or name.startswith(".") or name.casefold() in _BARE_NAMES
        return Named(as_called(text), sure=slashed or text.startswith((".", "/", "~")), listed=listed)
    if _PRODUCTS.match(name) and not quoted:
        return None
    return Named(as_called(text), sure=_known(name), listed=listed)


def _known(name: str) -> bool:
    ending = _EXTENSION.search(name)
    return name.startswith(".") or (ending is not None and ending[1].casefold() in _KNOWN)


def as_called(path: str) -> str:
    """A written path as its file is called: the model was shown it as an attribute, and may have copied that."""
    if "&" in path:
        for entity, character in (("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            path = path.replace(entity, character)
    return unescape(path)
