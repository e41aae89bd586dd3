/** What an instruction looks like: its opcode, its fields, its lists of records. `../instructions.ts` tells the types. */

export type FieldType = "pointer" | "size" | "stride" | "int" | "enum" | "float";
export type Fields = Readonly<Record<string, FieldType>>;

/** A list of records behind the fixed fields; the field named `count` says how many. */
export interface ListSchema {
  readonly count: string;
  readonly fields: Fields;
}

export interface InstructionSchema {
  readonly opcode: number;
  readonly fields: Fields;
  readonly lists?: Readonly<Record<string, ListSchema>>;
}

/** Iteration spaces have six axes, outermost first, padded with leading ones. */
export const MAX_AXES = 6;

export const dims = { d0: "size", d1: "size", d2: "size", d3: "size", d4: "size", d5: "size" } as const;
export const strides = { s0: "stride", s1: "stride", s2: "stride", s3: "stride", s4: "stride", s5: "stride" } as const;
