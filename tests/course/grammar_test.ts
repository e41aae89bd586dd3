import assert from "node:assert/strict";
import { alphabetOf, grammar, languageOfLines } from "../../src/course/structure/grammar.ts";
import { Letters } from "../../src/course/structure/letters.ts";
import { independentTexts, ngramDivergence, realTexts, scoresOf } from "../../src/course/structure/text_scores.ts";
import { bracketsOf, firstWrong, treePicture, trees } from "../../src/course/structure/trees.ts";
import * as duel from "../../src/mod.ts";

/** A text without the dots behind it. */
const bare = (text: string) => text.replace(/\.+$/, "");

/** Whether all brackets are closed, each by one of its kind. */
function balanced(text: string): boolean {
  const open: string[] = [];
  for (const bracket of text) {
    if ("([".includes(bracket)) open.push(bracket);
    else if (open.pop() !== { ")": "(", "]": "[" }[bracket]) return false;
  }
  return open.length === 0;
}

Deno.test("sentences agree, verses rhyme, brackets match, and all texts are of one length", () => {
  const { texts, length } = grammar;
  assert.equal(new Set(texts).size, texts.length);
  for (const text of texts) assert.equal(text.length, length);
  const sentence = /^(a [a-z]{3} (see|like|feed)s|[a-z]{3}s (see|like|feed)) (a [a-z]{3}|[a-z]{3}s)$/;
  const verse = /^[a-z]{3} [a-z]([a-z]{2}),[a-z]{3} [a-z]\1$/;
  const counts = { sentences: 0, verses: 0, brackets: 0 };
  for (const text of texts.map(bare)) {
    if (sentence.test(text)) counts.sentences++;
    else if (verse.test(text)) counts.verses++;
    else if (/^[()[\]]{8}$/.test(text) && balanced(text)) counts.brackets++;
    else assert.fail(`${text} is no sentence, no verse, and no brackets`);
  }
  // 12 subjects × 3 verbs × 12 objects; 3 rhymes × 4 × 3 pairs of words × 5 × 5 qualities; 14 shapes × 2⁴ kinds.
  assert.deepEqual(counts, { sentences: 432, verses: 900, brackets: 224 });
});

Deno.test("trees are all ordered trees of ten nodes in preorder: the ninth Catalan number of them", () => {
  const { texts, learned } = trees;
  assert.equal(texts.length, 4862);
  assert.deepEqual(alphabetOf(trees), [..."012345678"]);
  const brackets = texts.map(bracketsOf);
  assert.equal(new Set(brackets).size, 4862, "different parents are different trees");
  for (const word of brackets) assert.ok(word.length === 18 && balanced(word), word);
  // The rule, once more: nodes that are passed over between a node and its parent are not the parents of later ones.
  const isTree = (parents: readonly number[]) =>
    parents.every((parent, i) => parent <= i && parents.slice(parent, i).every((between) => between >= parent));
  const all = new Set(texts);
  const random = duel.random.uniforms(9 * 5_000, 1, "parents", 0);
  for (let at = 0; at < random.length; at += 9) {
    // Most parents are near, so that many are trees.
    const parents = Array.from({ length: 9 }, (_, i) => Math.max(i - Math.floor(4 * random[at + i] ** 2), 0));
    if (at % 2) parents[8] = Math.floor(9 * random[at + 8]);
    const text = parents.join("");
    assert.equal(firstWrong(text) === undefined, isTree(parents), text);
    assert.equal(all.has(text), isTree(parents), text);
  }
  const share = learned.length / 4862;
  assert.ok(share > 0.77 && share < 0.83, `${share} of them are learned`);
  assert.ok(learned.every((text) => all.has(text)));
});

Deno.test("the first wrong parent is found; brackets enclose what is below a node", () => {
  assert.equal(firstWrong("012345678"), undefined);
  assert.equal(bracketsOf("012345678"), "((((((((()))))))))");
  assert.equal(bracketsOf("000000000"), "()()()()()()()()()");
  assert.equal(bracketsOf("011044000"), "(()())(()())()()()");
  assert.equal(firstWrong("100000000"), 1, "a node is not its own parent");
  assert.equal(firstWrong("001100000"), 3, "node 1 was left at node 2");
});
Deno.test("a tree's one-hot parents are its matrix; a picture draws trees, and paints the wrong row red", () => {
  const letters = new Letters(trees);
  assert.equal(letters.size, 81);
  const matrix = (text: string) => {
    const values = new Float32Array(81);
    [...text].forEach((parent, row) => values[9 * row + Number(parent)] = 1);
    return values;
  };
  const learned = new Float32Array(10 * 81);
  letters.fill(1, 0, learned);
  for (let i = 0; i < 10; i++) {
    const values = learned.subarray(i * 81, (i + 1) * 81);
    assert.deepEqual(values, matrix(letters.read(values)[0]));
  }
  const colours = (text: string) => {
    const { bytes, width, height } = treePicture(matrix(text), text);
    assert.deepEqual([width, height, bytes.length], [90, 200, 90 * 200 * 3]);
    const at = (x: number, y: number) => [...bytes.subarray((y * 90 + x) * 3, (y * 90 + x + 1) * 3)];
    const below = bytes.subarray(95 * 90 * 3).some((value) => value < 255);
    return { first: at(4, 4), wrong: at(14, 24), below };
  };
  const dark = [38, 38, 46];
  assert.deepEqual(colours("011044000"), { first: dark, wrong: dark, below: true });
  assert.deepEqual(colours("001100000"), { first: dark, wrong: [214, 56, 40], below: false });
});

Deno.test("a text of one's own becomes a language: lines of one length, rare characters told apart no more", () => {
  const many = Array.from({ length: 1200 }, (_, i) => `${String.fromCodePoint(0x4e00 + i)}一二三`);
  const { texts, length } = languageOfLines([...many, "一二三"]);
  assert.equal(length, 4);
  assert.equal(texts[1200], "一二三.");
  assert.ok(alphabetOf(languageOfLines(many)).length <= 1001);
  assert.ok(texts.some((text) => text === "□一二三"));
  assert.deepEqual(languageOfLines(many).learned, languageOfLines(many).texts, "all of it is learned");
  assert.equal([...languageOfLines(["x".repeat(60), "y"]).texts[0]].length, 48, "long lines are cut");
});

Deno.test("valid, new and covered shares count texts and different texts", () => {
  const language = { length: 2, texts: ["ab", "ba", "bb"], learned: ["ab"] };
  const shares = (...texts: readonly string[]) => {
    const { valid, fresh, covered } = scoresOf(language, texts);
    return { valid, fresh, covered };
  };
  assert.deepEqual(shares("ab", "ab", "aa", "ba"), { valid: 0.75, fresh: 1 / 3, covered: 2 / 3 });
  assert.deepEqual(shares("xx"), { valid: 0, fresh: 0, covered: 0 });
  const { pairs, triples } = scoresOf(language, ["ab", "ba", "bb"]);
  assert.deepEqual([pairs, triples], [0, 0]);
});

Deno.test("divergence is 0 for equals, log 2 for strangers, and padding alone does not count", () => {
  assert.equal(ngramDivergence(["abab"], ["abab"], 2), 0);
  assert.ok(Math.abs(ngramDivergence(["aaaa"], ["bbbb"], 2) - Math.log(2)) < 1e-12);
  // Shares ½, ½ against 1, 0: (½·log(½/¾) + 1·log(1/¾) + ½·log(½/¼)) / 2.
  const expected = (0.5 * Math.log(0.5 / 0.75) + Math.log(1 / 0.75) + 0.5 * Math.log(2)) / 2;
  assert.ok(Math.abs(ngramDivergence(["ab"], ["aa"], 1) - expected) < 1e-12);
  assert.equal(ngramDivergence(["ab."], ["ab......"], 2), 0);
});

Deno.test("real texts are any of the language; independent ones have its characters at each place, and no more", () => {
  const { texts, learned } = grammar;
  const all = new Set(texts);
  assert.ok(realTexts(grammar, 1, 500).every((text) => all.has(text)));
  const drawn = independentTexts(grammar, 1, 4000);
  const share = (texts: readonly string[], place: number, character: string) =>
    texts.filter((text) => text[place] === character).length / texts.length;
  for (const [place, character] of [[0, "a"], [1, " "], [3, " "], [7, ","], [16, "."]] as const) {
    const [found, expected] = [share(drawn, place, character), share(learned, place, character)];
    assert.ok(Math.abs(found - expected) < 0.03, `${character} at ${place}: ${found}, expected ${expected}`);
  }
  const both = drawn.filter((text) => text[0] === "a" && text[1] === " ").length / drawn.length;
  assert.ok(Math.abs(both - share(drawn, 0, "a") * share(drawn, 1, " ")) < 0.02, "places are independent");
});
