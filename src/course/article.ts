/** What an experiment found, as a page, as pictures, and as numbers. */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Language, Measure, Text } from "./experiment.ts";

/** How long a picture of an animation stays. */
const FRAME_MILLISECONDS = 200;

/** Headings that all pages have. */
const headings = {
  en: {
    found: "What it shows",
    numbers: "Numbers",
    code: "The code that matters: ",
    next: "What to try next",
    what: "measured",
    value: "value",
    made: "Made by: ",
    quick:
      "A quick run: everything is smaller and learns for seconds, which shows that it works. What the texts describe " +
      "takes the whole experiment, without --quick.",
    short: "The numbers of updates are not the experiment's own, so that what the texts describe may look otherwise.",
  },
  "zh-TW": {
    found: "這個實驗說明什麼",
    numbers: "量測結果",
    code: "關鍵程式碼：",
    next: "接下來可以試",
    what: "量測項目",
    value: "數值",
    made: "執行指令：",
    quick:
      "這是快速執行的結果：規模都縮小，只訓練幾秒，用來確認程式能跑。要看到文中描述的現象，請執行完整的實驗（不加 --quick）。",
    short: "更新的次數不是這個實驗原本的設定，所以結果可能與文中的描述不同。",
  },
} as const satisfies Record<Language, Readonly<Record<string, string>>>;

/** A part of the source that shows how something is done. */
export interface Excerpt {
  readonly title: Text;
  /** Where it is, from the project's folder on. */
  readonly file: string;
  readonly code: string;
}

/** How an experiment was run. */
export interface Call {
  /** The command line that repeats it. */
  readonly command: string;
  readonly language: Language;
  /** Whether the stage was a quick one. */
  readonly quick: boolean;
  /** The number of updates that the user wished, if any. */
  readonly steps?: number;
}

/** A measure as people read it. */
export function shown({ value, share }: Measure): string {
  if (!Number.isFinite(value)) return String(value);
  return share ? `${(100 * value).toFixed(1)} %` : String(Number(value.toPrecision(3)));
}

/** The page of an experiment: one HTML file that loads nothing. */
export function experimentPage(
  { title, about }: Pick<Experiment, "title" | "about">,
  { summary, figures, measures, next }: Findings,
  excerpts: readonly Excerpt[],
  { command, language, quick, steps }: Call,
): string {
  const words = headings[language];
  const caution = quick ? [words.quick] : steps === undefined ? [] : [words.short];
  const rows = measures.map((measure) => [measure.about, shown(measure)]);
  return duel.articlePage({
    title: title[language],
    language,
    lead: [about[language], words.made + command, ...caution],
    sections: [
      { heading: words.found, list: summary },
      ...figures.map(({ title, look, content }) => ({ heading: title, paragraphs: look, content })),
      { heading: words.numbers, content: { kind: "table", head: [words.what, words.value], rows } },
      ...excerpts.map(({ title, file, code }, index) => ({
        heading: index === 0 ? words.code + title[language] : title[language],
        paragraphs: [file],
        content: { kind: "code", code } as const,
      })),
      { heading: words.next, list: next },
    ],
  });
}

/** The pictures of an experiment as files: names and contents. Charts and tables are in the page alone. */
export function pictureFiles({ figures }: Findings): [name: string, bytes: Uint8Array][] {
  return figures.flatMap(({ name, content }): [string, Uint8Array][] => {
    if (content.kind === "picture") return [[`${name}.png`, duel.encodePng(content.picture)]];
    if (content.kind !== "frames") return [];
    const pictures = content.frames.map(({ picture }) => picture);
    return [
      [`${name}.png`, duel.encodePng(pictures[pictures.length - 1])],
      [`${name}.gif`, duel.encodeGif(pictures, FRAME_MILLISECONDS)],
    ];
  });
}
