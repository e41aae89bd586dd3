/** Writes `--help`. */
import { type Flag, flagName, type Flags, placeholder, type Positionals, range } from "./flags.ts";
import { bold } from "./style.ts";

/** What help is written from. */
export interface Described {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs that follow the summary. */
  readonly description?: string;
  readonly flags: Flags;
  readonly positionals: Positionals;
  /** Command lines, from the command's name on, and what they do. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
}

/** Where a page of help is read. */
export interface Reader {
  /** What stands in front of a command where it is typed: `duel`, `deno task`. */
  readonly shell: string;
  /** Columns that lines fit into. */
  readonly width: number;
}

/** The page of one command: usage, arguments, flags by group, examples. */
export function commandHelp(command: Described, { shell, width }: Reader): string {
  const words = Object.entries(command.positionals).map(([key, { required, multiple }]) => {
    const word = key.toUpperCase() + (multiple ? "..." : "");
    return required ? word : `[${word}]`;
  });
  const usage = [shell, command.name, ...words, "[flags]"].join(" ");
  const blocks = [`${command.summary}\n`, `${bold("Usage")}  ${usage}\n`];
  if (command.description) blocks.splice(1, 0, wrap(command.description, width, 0) + "\n");
  const positionals = Object.entries(command.positionals)
    .map(([key, positional]): Row => [key.toUpperCase(), sentence(positional)]);
  if (positionals.length > 0) blocks.push(section("Arguments", positionals, width));
  for (const [group, rows] of flagGroups(command.flags)) blocks.push(section(group, rows, width));
  if (command.examples.length > 0) {
    const lines = command.examples.map(([line, meaning]) => `  ${shell} ${line}\n${wrap(meaning, width, 6)}\n`);
    blocks.push(`${bold("Examples")}\n${lines.join("")}`);
  }
  return blocks.join("\n");
}

/** The page of the program: its commands. */
export function programHelp(
  commands: readonly { name: string; summary: string }[],
  { shell, width }: Reader,
): string {
  return [
    "duel trains generative adversarial networks on the computer at hand.\n",
    `${bold("Usage")}  ${shell} COMMAND [flags]\n`,
    section("Commands", commands.map(({ name, summary }): Row => [name, summary]), width),
    section("Options", [
      ["--help", "Show this page, or with a command its flags."],
      ["--version", "Show the versions of duel, Deno and V8."],
    ], width),
  ].join("\n");
}

type Row = readonly [left: string, right: string];

function flagGroups(flags: Flags): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const [key, flag] of Object.entries(flags)) {
    const group = flag.group ?? "Options";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group)!.push([syntax(key, flag), sentence(flag)]);
  }
  const last = flags && [...groups.keys()].at(-1);
  const help: Row = ["--help", "Show this page."];
  if (last === undefined) groups.set("Options", [help]);
  else groups.get(groups.has("Options") ? "Options" : last)!.push(help);
  return groups;
}

function syntax(key: string, flag: Flag): string {
  const name = flagName(key);
  if (flag.type === "boolean") return flag.default ? `--no-${name}` : `--${name}`;
  const value = flag.type === "choice" && !flag.placeholder ? "WORD" : placeholder(flag);
  return "implied" in flag && flag.implied !== undefined ? `--${name} [${value}]` : `--${name} ${value}`;
}

/** The help sentence with what the table knows besides: choices, range, unit, default, repetition. */
function sentence(flag: Flag): string {
  const facts: string[] = [];
  if (flag.type === "choice") facts.push(`one of ${flag.choices.join(", ")}`);
  const bounded = flag.type === "integer" || flag.type === "number";
  if (bounded) facts.push(flag.unit ? `${range(flag)}, in ${flag.unit}` : range(flag));
  if (flag.multiple) facts.push("may be repeated");
  if ("implied" in flag && flag.implied !== undefined) facts.push(`${flag.implied} if no value follows`);
  if (flag.type !== "boolean" && flag.default !== undefined) facts.push(`default ${flag.default}`);
  return facts.length > 0 ? `${flag.help} (${facts.join("; ")})` : flag.help;
}

function section(title: string, rows: readonly Row[], width: number): string {
  const column = Math.min(26, Math.max(...rows.map(([left]) => left.length)) + 4);
  const lines = rows.map(([left, right]) => {
    const text = wrap(right, width, column);
    const fits = left.length + 4 <= column;
    return fits ? `  ${left}`.padEnd(column) + text.slice(column) : `  ${left}\n${text}`;
  });
  return `${bold(title)}\n${lines.join("\n")}\n`;
}

/** Breaks text at spaces so that lines, indented by `indent`, are at most `width` long; keeps paragraphs apart. */
function wrap(text: string, width: number, indent: number): string {
  const room = Math.max(20, Math.min(width, 100) - indent);
  const margin = " ".repeat(indent);
  return text.split("\n").map((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line && line.length + 1 + word.length > room) {
        lines.push(margin + line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    return [...lines, margin + line].join("\n");
  }).join("\n");
}
