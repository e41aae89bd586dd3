/** Reads a command line by a command's table. Every mistake of the user is a UsageError of one line. */
import { resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import {
  type Flag,
  flagName,
  type Flags,
  type NumberFlag,
  type Parsed,
  placeholder,
  type Positional,
  type Positionals,
  range,
  type Values,
} from "./flags.ts";
import { hint } from "./suggest.ts";

type Scalar = string | number | boolean;

/** What parsing needs to know of the command. */
export interface Grammar<F extends Flags, P extends Positionals> {
  /** The command's name, for messages. */
  readonly name: string;
  readonly flags: F;
  readonly positionals: P;
}

/**
 * Parses `args`: `--flag value`, `--flag=value`, `--switch`, `--no-switch`, `--` before what only looks like a flag.
 * The last of a repeated flag counts. Relative paths are taken from the caller's folder.
 * @throws UsageError for unknown flags, missing, superfluous or bad values.
 */
export function parse<F extends Flags, P extends Positionals>(
  grammar: Grammar<F, P>,
  args: readonly string[],
  { cwd, shell }: Caller,
): Parsed<F, P> {
  const page = `\`${shell} ${grammar.name} --help\``;
  const flags = new Map<string, Scalar | Scalar[]>();
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (arg === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!looksLikeFlag(arg)) {
      words.push(arg);
      continue;
    }
    const { key, flag, on, inline } = findFlag(grammar, page, arg);
    if (flag.type === "boolean") {
      if (inline !== undefined) throw new UsageError(`${name(key)} takes no value; write ${name(key)} alone`);
      flags.set(key, on);
      continue;
    }
    let text = inline;
    if (text === undefined && at + 1 < args.length && !looksLikeFlag(args[at + 1])) text = args[++at];
    const value = text === undefined ? absentValue(key, flag) : read(name(key), flag, text, cwd);
    if (flag.multiple) flags.set(key, [...(flags.get(key) as Scalar[] | undefined ?? []), value]);
    else flags.set(key, value);
  }
  const given = new Set(flags.keys());
  for (const [key, flag] of Object.entries(grammar.flags)) {
    if (!flags.has(key)) setDefault(flags, key, flag, cwd);
  }
  return {
    flags: Object.fromEntries(flags) as Values<F>,
    positionals: readPositionals(grammar, page, words, cwd) as Values<P>,
    given,
  };
}

/** A word that starts with a dash and isn't a negative number (nor `-`, the usual name of a standard stream). */
function looksLikeFlag(arg: string): boolean {
  return arg.startsWith("-") && arg !== "-" && !/^-[\d.]/.test(arg);
}

function name(key: string): string {
  return `--${flagName(key)}`;
}

function findFlag<F extends Flags, P extends Positionals>(grammar: Grammar<F, P>, page: string, arg: string) {
  const [typed, inline] = splitOnce(arg, "=");
  const word = typed.replace(/^--?/, "");
  const doubleDash = typed.startsWith("--");
  for (const [key, flag] of Object.entries(grammar.flags)) {
    if (doubleDash && word === flagName(key)) return { key, flag, on: true, inline };
    if (doubleDash && flag.type === "boolean" && word === `no-${flagName(key)}`) {
      return { key, flag, on: false, inline };
    }
  }
  const names = [...Object.keys(grammar.flags).map(flagName), "help"];
  const help = `${page} lists all flags`;
  throw new UsageError(`unknown flag ${typed}.${hint(word, names, "--")} ${help}`);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function absentValue(key: string, flag: Flag): Scalar {
  if ("implied" in flag && flag.implied !== undefined) return flag.implied;
  throw new UsageError(`${name(key)} needs a value: ${name(key)} ${placeholder(flag)}`);
}

function setDefault(values: Map<string, Scalar | Scalar[]>, key: string, flag: Flag, cwd: string): void {
  if (flag.type === "boolean") values.set(key, flag.default ?? false);
  else if (flag.multiple) values.set(key, flag.default === undefined ? [] : [flag.default]);
  else if (flag.default !== undefined) {
    values.set(key, flag.type === "path" ? resolve(cwd, flag.default) : flag.default);
  }
}

/** Checks one value. `label` names it in errors: `--steps` or `RUN`. */
function read(label: string, flag: Exclude<Flag, { type: "boolean" }>, text: string, cwd: string): Scalar {
  if (flag.type === "integer" || flag.type === "number") return readNumber(label, flag, text);
  if (text === "") throw new UsageError(`${label} is empty; expected ${placeholder(flag)}`);
  if (text.includes("\0")) throw new UsageError(`${label} contains a NUL character; leave it out`);
  if (flag.type === "choice" && !flag.choices.includes(text)) {
    const choices = flag.choices.join(", ");
    throw new UsageError(`${label} is ${JSON.stringify(text)}; expected one of ${choices}.${hint(text, flag.choices)}`);
  }
  return flag.type === "path" ? resolve(cwd, text) : text;
}

function readNumber(label: string, flag: NumberFlag, text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const { min = -Infinity, above = -Infinity, max = Infinity, below = Infinity } = flag;
  const whole = flag.type === "number" || Number.isSafeInteger(value);
  const inside = Number.isFinite(value) && value >= min && value > above && value <= max && value < below;
  if (!whole || !inside) throw new UsageError(`${label} is ${JSON.stringify(text)}; expected ${range(flag)}`);
  return value;
}

function readPositionals<F extends Flags, P extends Positionals>(
  grammar: Grammar<F, P>,
  page: string,
  words: readonly string[],
  cwd: string,
): Record<string, Scalar | Scalar[]> {
  const values: Record<string, Scalar | Scalar[]> = {};
  let next = 0;
  for (const [key, positional] of Object.entries<Positional>(grammar.positionals)) {
    const label = key.toUpperCase();
    const mine = words.slice(next, positional.multiple ? words.length : next + 1);
    next += mine.length;
    if (mine.length === 0 && positional.required) {
      throw new UsageError(`${label} is missing: ${positional.help} (${page} shows examples)`);
    }
    const read1 = (word: string) => read(label, positional, word, cwd);
    if (positional.multiple) values[key] = mine.map(read1);
    else if (mine.length > 0) values[key] = read1(mine[0]);
    else if (positional.default !== undefined) values[key] = read(label, positional, String(positional.default), cwd);
  }
  if (next < words.length) {
    const flags = Object.keys(grammar.flags).map(flagName);
    const meant = flags.includes(words[next]) ? ` Did you mean --${words[next]}?` : "";
    throw new UsageError(
      `unexpected argument ${JSON.stringify(words[next])}.${meant} ${page} shows the usage`,
    );
  }
  return values;
}
