/** Pages that explain: texts with pictures that can be played, charts, tables and code. */
import { encodePng, type Pixels } from "./image.ts";
import type { Series } from "./line_chart.ts";
import { escapeText as escape } from "./escape.ts";
import { chart, htmlPage, picture, timeline } from "./page.ts";

/** One thing to look at. */
export type Content =
  | { readonly kind: "picture"; readonly picture: Pixels }
  /** Pictures one after the other, with a slider. */
  | { readonly kind: "frames"; readonly frames: readonly { readonly caption: string; readonly picture: Pixels }[] }
  /** @param x what the horizontal axis is. */
  | { readonly kind: "chart"; readonly series: readonly Series[]; readonly x?: string }
  /** Figures; or `texts`, to be read character by character. */
  | {
    readonly kind: "table" | "texts";
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "links"; readonly links: readonly Link[] };

/** Another page, and what it is about. */
export interface Link {
  readonly href: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** A picture of it, PNG. */
  readonly picture?: Uint8Array;
}

export interface Section {
  /** None if empty. */
  readonly heading: string;
  readonly paragraphs?: readonly string[];
  readonly list?: readonly string[];
  readonly content?: Content;
}

export interface Article {
  readonly title: string;
  readonly language: string;
  /** In front of the first section. */
  readonly lead: readonly string[];
  readonly sections: readonly Section[];
}

/** The article as one HTML file that loads nothing. */
export function articlePage({ title, language, lead, sections }: Article): string {
  return htmlPage({
    title,
    language,
    sections: [...lead.map(paragraph), ...sections.map((section, index) => sectionHtml(section, `c${index}`))],
  });
}

const paragraph = (text: string) => `<p>${escape(text)}</p>`;

function sectionHtml({ heading, paragraphs = [], list = [], content }: Section, id: string): string {
  const items = list.map((text) => `<li>${escape(text)}</li>`).join("");
  return [
    `<section>${heading === "" ? "" : `<h2>${escape(heading)}</h2>`}`,
    ...paragraphs.map(paragraph),
    items === "" ? "" : `<ul>${items}</ul>`,
    content ? contentHtml(content, heading, id) : "",
    "</section>",
  ].join("");
}

function contentHtml(content: Content, heading: string, id: string): string {
  switch (content.kind) {
    case "picture":
      return `<figure class="natural">${picture(encodePng(content.picture), heading)}</figure>`;
    case "frames":
      return timeline(
        content.frames.map(({ caption, picture }) => ({ png: encodePng(picture), alt: caption, caption })),
      );
    case "chart":
      return chart(id, heading, content.series, content.x === undefined ? {} : { x: content.x });
    case "table":
    case "texts": {
      const row = (cells: readonly string[], tag: string) =>
        `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
      const body = content.rows.map((cells) => row(cells, "td")).join("");
      return `<div class="wide"><table class="${content.kind === "table" ? "figures" : "texts"}"><thead>${
        row(content.head, "th")
      }</thead>` +
        `<tbody>${body}</tbody></table></div>`;
    }
    case "code":
      return `<pre><code>${escape(content.code)}</code></pre>`;
    case "links":
      return content.links.map(linkHtml).join("");
  }
}

function linkHtml({ href, text, lines: [first, ...rest], picture: png }: Link): string {
  const [address, name] = [escape(href), escape(text)];
  const items = rest.map((line) => `<li>${escape(line)}</li>`).join("");
  const about = first === undefined ? "" : paragraph(first);
  return `<article class="link">${png ? `<a href="${address}">${picture(png, text)}</a>` : ""}<div>` +
    `<h3><a href="${address}">${name}</a></h3>${about}${items === "" ? "" : `<ul>${items}</ul>`}` +
    "</div></article>";
}
