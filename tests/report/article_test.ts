import assert from "node:assert/strict";
import { type Article, articlePage } from "../../src/report/article.ts";
import { encodePng, type Pixels } from "../../src/report/image.ts";

const picture = (value: number): Pixels => ({
  count: 1,
  height: 1,
  width: 2,
  channels: 3,
  bytes: new Uint8Array(6).fill(value),
});

const links = [
  { href: "a/report.html", text: "A", lines: ["first", "second"], picture: encodePng(picture(4)) },
  { href: "b/report.html", text: "B", lines: [] },
];
const article: Article = {
  title: "Two players",
  language: "zh-TW",
  lead: ["They play."],
  sections: [
    { heading: "A picture", paragraphs: ["Look."], list: ["here"], content: { kind: "picture", picture: picture(1) } },
    {
      heading: "Frames",
      content: {
        kind: "frames",
        frames: [{ caption: "one", picture: picture(2) }, { caption: "two", picture: picture(3) }],
      },
    },
    {
      heading: "Lines",
      content: {
        kind: "chart",
        x: "share",
        series: [{ name: "a", points: [[0, 1], [1, 2]] }, { name: "b", points: [[0, 2], [1, 1]] }],
      },
    },
    { heading: "Numbers", content: { kind: "table", head: ["what", "value"], rows: [["modes", "8"]] } },
    { heading: "Code", content: { kind: "code", code: "if (a < b) {\n  return;\n}" } },
    { heading: "", content: { kind: "links", links } },
  ],
};

Deno.test("an article shows its sections in order, each with what belongs to it", () => {
  const html = articlePage(article);
  assert.equal(html, articlePage(article));
  assert.match(html, /^<!DOCTYPE html>\n<html lang="zh-TW">/);
  const body = html.slice(html.indexOf("<body>"), html.indexOf("<script>"));
  const images = [...body.matchAll(/src="data:image\/png;base64,([^"]*)"/g)].map(([, data]) =>
    Uint8Array.fromBase64(data)
  );
  assert.deepEqual(images, [1, 2, 3, 4].map((value) => encodePng(picture(value))));
  const text = body.replaceAll(/<[^>]*>/g, "|").replaceAll(/[|\n]+/g, "|");
  const parts = ["|Two players|They play.|A picture|Look.|here|Frames|one|two|", "|Lines|a|b|", "|share|"];
  for (const part of [...parts, "|Numbers|what|value|modes|8|Code|if (a &lt; b) {|"]) {
    assert.ok(text.includes(part), `${part} is not in ${text}`);
  }
  assert.ok(body.includes(`<h3><a href="a/report.html">A</a></h3><p>first</p><ul><li>second</li></ul>`));
  assert.ok(body.includes(`<h3><a href="b/report.html">B</a></h3></div>`), "a link may have nothing but its text");
  assert.equal(body.match(/<h2>/g)?.length, 5, "a section without a heading has none");
  assert.equal(body.match(/class="timeline"/g)?.length, 1);
});

Deno.test("texts of an article can't become markup", () => {
  const evil = `"><script>alert(1)</script>`;
  const html = articlePage({
    title: evil,
    language: evil,
    lead: [evil],
    sections: [
      { heading: evil, paragraphs: [evil], list: [evil], content: { kind: "table", head: [evil], rows: [[evil]] } },
      { heading: evil, content: { kind: "chart", x: evil, series: [{ name: evil, points: [[0, 1]] }] } },
      { heading: evil, content: { kind: "frames", frames: [{ caption: evil, picture: picture(1) }] } },
      { heading: evil, content: { kind: "links", links: [{ href: evil, text: evil, lines: [evil] }] } },
      { heading: evil, content: { kind: "code", code: evil } },
    ],
  });
  assert.equal(html.match(/<script>/g)?.length, 1);
});
