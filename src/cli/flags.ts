/** The table in which a command describes its flags and positional arguments, and the types that follow from it. */

/**
 * What a command does at a path, which decides the permissions its process gets:
 * `read` reads it; `folder` reads and writes inside of it; `output` makes it, so that its parent must be writable.
 */
export type Access = "read" | "folder" | "output";

interface Common {
  /** One sentence for `--help`, without the default, range and unit, which are added. */
  readonly help: string;
  /** Heading under which `--help` lists the flag; `Options` if absent. */
  readonly group?: string;
  /** May be given several times; the value is then an array. */
  readonly multiple?: true;
}

interface Valued extends Common {
  /** What stands for the value in `--help`, for instance `DIR`; the type in capitals if absent. */
  readonly placeholder?: string;
}

/** `--flag`, and `--no-flag` where the default is true. */
export interface BooleanFlag extends Common {
  readonly type: "boolean";
  /** False if absent. */
  readonly default?: boolean;
  readonly multiple?: never;
}

/** A number within bounds. */
export interface NumberFlag extends Valued {
  readonly type: "integer" | "number";
  /** Smallest allowed value. */
  readonly min?: number;
  /** The value must be greater than this. */
  readonly above?: number;
  /** Largest allowed value. */
  readonly max?: number;
  /** The value must be less than this. */
  readonly below?: number;
  /** For `--help`, for instance `steps` or `seconds`. */
  readonly unit?: string;
  readonly default?: number;
}

/** Any text but the empty one. */
export interface TextFlag extends Valued {
  readonly type: "text";
  readonly default?: string;
  /** The value if the flag is given without one. */
  readonly implied?: string;
}

/** One word of a closed list. */
export interface ChoiceFlag extends Valued {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A path; parsing makes it absolute. */
export interface PathFlag extends Valued {
  readonly type: "path";
  readonly access: Access;
  /** Relative to the caller's folder. */
  readonly default?: string;
  /** The value if the flag is given without one; it is a word with a meaning, not a path, and stays as it is. */
  readonly implied?: string;
}

/** One flag. The key in the table is its name in camel case: `dataDir` is typed `--data-dir`. */
export type Flag = BooleanFlag | NumberFlag | TextFlag | ChoiceFlag | PathFlag;
/** All flags of a command, in the order of `--help`. */
export type Flags = Readonly<Record<string, Flag>>;

/** An argument without a name in front. Its key, in capitals, stands for it in `--help`. */
export type Positional = (TextFlag | ChoiceFlag | PathFlag | NumberFlag) & { readonly required?: true };
/** The positional arguments of a command, in order; only the last may be `multiple`. */
export type Positionals = Readonly<Record<string, Positional>>;

type Single<F> = F extends { type: "boolean" } ? boolean
  : F extends { type: "integer" | "number" } ? number
  : F extends { type: "choice"; choices: readonly (infer Choice)[] } ? Choice
  : string;

type Value<F> = F extends { multiple: true } ? readonly Single<F>[]
  : F extends { type: "boolean" } | { default: string | number } | { required: true } ? Single<F>
  : Single<F> | undefined;

/** The values of a table: flags that may be absent and have no default are possibly undefined. */
export type Values<Table> = { readonly [Key in keyof Table]: Value<Table[Key]> };

/** A command line, checked. */
export interface Parsed<F extends Flags = Flags, P extends Positionals = Positionals> {
  readonly flags: Values<F>;
  readonly positionals: Values<P>;
  /** Keys of the flags that the user typed, for what must be told from a default. */
  readonly given: ReadonlySet<keyof F & string>;
}

/** `dataDir` → `data-dir`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What stands for a value in usage lines and errors. */
export function placeholder(flag: Flag): string {
  if (flag.type === "boolean") return "";
  if (flag.placeholder) return flag.placeholder;
  if (flag.type === "choice") return flag.choices.join("|");
  return { integer: "N", number: "X", text: "TEXT", path: "PATH" }[flag.type];
}

/** The values that a number may have, in words: `a whole number from 1 to 64`. */
export function range(flag: NumberFlag): string {
  const kind = flag.type === "integer" ? "a whole number" : "a number";
  const { min, above, max, below } = flag;
  const low = min !== undefined ? `from ${min}` : above !== undefined ? `above ${above}` : "";
  const high = max !== undefined
    ? `${min !== undefined ? "to" : "up to"} ${max}`
    : below !== undefined
    ? `below ${below}`
    : "";
  if (low && !high && min !== undefined) return `${kind}, ${min} or more`;
  const joint = above !== undefined || (low && below !== undefined) ? " and " : " ";
  return [kind, [low, high].filter(Boolean).join(joint)].filter(Boolean).join(" ");
}
