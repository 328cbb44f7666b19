import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCached, formatEstimate, formatTokens, formatUsd, tokensOf } from "../../src/discussion/money.ts";

describe("what something cost", () => {
  const known = (usd: number): string => formatUsd({ costUsd: usd, knownCostUsd: usd });

  it("is in cents below a dollar, in dollars above", () => {
    assert.deepEqual([0.009, 0.0321, 0.9994, 1, 1.239, 12.5].map(known), ["0.9 ¢", "3.2 ¢", "99.9 ¢", "$1.00", "$1.24", "$12.50"]);
  });

  it("never rounds a cent fraction to nothing, nor up to a hundred cents", () => {
    assert.equal(known(0.000_4), "< 0.1 ¢");
    assert.equal(known(0.9996), "$1.00");
  });

  it("is a dash where it isn't known, and nothing only where it was nothing", () => {
    assert.equal(formatUsd({ costUsd: null, knownCostUsd: 0 }), "–");
    assert.equal(known(0), "0 ¢");
  });

  it("is at least what is known of it", () => {
    assert.equal(formatUsd({ costUsd: null, knownCostUsd: 0.032 }), "≥ 3.2 ¢");
  });
});

describe("an estimate", () => {
  it("has a tilde, and says where a part of it isn't known", () => {
    assert.equal(formatEstimate([0.01, 0.014]), "~2.4 ¢");
    assert.equal(formatEstimate([0.024, null]), "≥ ~2.4 ¢");
    assert.equal(formatEstimate([null, null]), "–");
    assert.equal(formatEstimate([]), "–");
  });
});

describe("tokens", () => {
  it("are counted in full, then in thousands, then in millions", () => {
    const texts = [0, 870, 999, 1_000, 1_912, 9_960, 24_400, 999_400, 999_600, 1_250_000].map(formatTokens);
    assert.deepEqual(texts, [
      "0 tok",
      "870 tok",
      "999 tok",
      "1k tok",
      "1.9k tok",
      "10k tok",
      "24k tok",
      "999k tok",
      "1M tok",
      "1.3M tok",
    ]);
  });

  it("are a dash where the provider told none", () => {
    assert.equal(formatTokens(null), "–");
    assert.equal(tokensOf({ inputTokens: null, outputTokens: null }), null);
    assert.equal(tokensOf({ inputTokens: 12, outputTokens: null }), 12);
  });

  it("out of the cache are told as a part of the input, where there were any", () => {
    assert.equal(formatCached({ inputTokens: 1000, cachedTokens: 612 }), "61 % cached");
    assert.equal(formatCached({ inputTokens: 1000, cachedTokens: 0 }), null);
    assert.equal(formatCached({ inputTokens: null, cachedTokens: null }), null);
  });
});
