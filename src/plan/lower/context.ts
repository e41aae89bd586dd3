/** What the lowering of a kernel may ask. */
import type { Tensor } from "../../graph/tensor.ts";
import type { Forms } from "../fast_forms.ts";
import type { ProgramBuilder, ValueId } from "../builder.ts";

export interface Lowering {
  readonly builder: ProgramBuilder;
  /** Virtual address of a tensor's first element, or `elements` behind it. */
  address(tensor: Tensor, elements?: number): number;
  /** Panels packed so far, by what was packed and how: filters are packed once per program, not per use. */
  readonly packed: Map<string, ValueId>;
  readonly forms: Forms;
}
