/**
 * Characters that a reader can't see, made visible by their code points: bidi controls that turn the direction of what is
 * shown, zero-width and tag characters, control characters. The same ones as the server points out in edits. Pure.
 */

// Unicode's category Cf, letters and marks without a shape, the second block of variation selectors, and controls.
const UNSEEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- each of them is looked for by itself
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
// A joiner behind an emoji makes one picture of several; there it hides nothing.
// eslint-disable-next-line no-misleading-character-class -- the selector behind it is looked for by itself
const PICTURE = /[\u2600-\u27bf\ufe0f\u{1f300}-\u{1faff}]$/u;

/** The text with each unseen character as `⟨U+202E⟩` in its place; line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character, at: number) => {
    if (character === "\u200d" && PICTURE.test(text.slice(Math.max(0, at - 2), at))) {
      return character;
    }
    return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
