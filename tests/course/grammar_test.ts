import assert from "node:assert/strict";
import {
  alphabetOf,
  bracketTrees,
  languageOf,
  ngramDivergence,
  sentencesAndVerses,
  validityOf,
} from "../../src/course/structure/grammar.ts";

/** A text without the dots behind it. */
const bare = (text: string) => text.replace(/\.+$/, "");

Deno.test("sentences agree, verses rhyme, and all texts are of one length", () => {
  const { texts, length } = sentencesAndVerses;
  assert.equal(new Set(texts).size, texts.length);
  for (const text of texts) assert.equal(text.length, length);
  const sentence = /^(a [a-z]{3} (see|like|feed)s|[a-z]{3}s (see|like|feed)) (a [a-z]{3}|[a-z]{3}s)$/;
  const verse = /^[a-z]{3} [a-z]([a-z]{2}),[a-z]{3} [a-z]\1$/;
  const counts = { sentences: 0, verses: 0 };
  for (const text of texts.map(bare)) {
    if (sentence.test(text)) counts.sentences++;
    else if (verse.test(text)) counts.verses++;
    else assert.fail(`${text} is neither a sentence nor a verse`);
  }
  // 12 subjects × 3 verbs × 12 objects; 3 rhymes × 4 × 3 pairs of words × 5 × 5 qualities.
  assert.deepEqual(counts, { sentences: 432, verses: 900 });
});

Deno.test("trees are all balanced words of nine pairs: the ninth Catalan number of them", () => {
  assert.equal(bracketTrees.texts.length, 4862);
  assert.equal(new Set(bracketTrees.texts).size, 4862);
  for (const text of bracketTrees.texts) {
    let depth = 0;
    for (const bracket of text) {
      depth += bracket === "(" ? 1 : -1;
      assert.ok(depth >= 0, text);
    }
    assert.equal(depth, 0, text);
  }
  assert.deepEqual(alphabetOf(bracketTrees), ["(", ")"]);
  const share = bracketTrees.learned.length / 4862;
  assert.ok(share > 0.77 && share < 0.83, `${share} of them are learned`);
  assert.ok(bracketTrees.learned.every((text) => bracketTrees.texts.includes(text)));
});

Deno.test("a text of one's own becomes a language: lines of one length, rare characters told apart no more", () => {
  const many = Array.from({ length: 500 }, (_, i) => `${String.fromCodePoint(0x4e00 + i)}一二三`);
  const { texts, length } = languageOf([...many, "一二三"]);
  assert.equal(length, 4);
  assert.equal(texts[500], "一二三.");
  assert.ok(alphabetOf(languageOf(many)).length <= 401);
  assert.ok(texts.some((text) => text === "□一二三"));
  assert.deepEqual(languageOf(many).learned, languageOf(many).texts, "all of it is learned");
  assert.equal([...languageOf(["x".repeat(60), "y"]).texts[0]].length, 48, "long lines are cut");
});

Deno.test("valid and covered shares count texts and different texts; divergence is 0 for equals, log 2 for strangers", () => {
  const language = { length: 2, texts: ["ab", "ba", "bb"], learned: ["ab"] };
  assert.deepEqual(validityOf(language, ["ab", "ab", "aa", "ba"]), { valid: 0.75, fresh: 1 / 3, covered: 2 / 3 });
  assert.deepEqual(validityOf(language, ["xx"]), { valid: 0, fresh: 0, covered: 0 });
  assert.equal(ngramDivergence(["abab"], ["abab"], 2), 0);
  assert.ok(Math.abs(ngramDivergence(["aaaa"], ["bbbb"], 2) - Math.log(2)) < 1e-12);
  // Shares ½, ½ against 1, 0: (½·log(½/¾) + 1·log(1/¾) + ½·log(½/¼)) / 2.
  const expected = (0.5 * Math.log(0.5 / 0.75) + Math.log(1 / 0.75) + 0.5 * Math.log(2)) / 2;
  assert.ok(Math.abs(ngramDivergence(["ab"], ["aa"], 1) - expected) < 1e-12);
});
