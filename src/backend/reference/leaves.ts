/** Leaves of the graph: values that come from outside of it. */
import { UsageError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Rules } from "./rule.ts";
import { initialValues } from "../../graph/store.ts";

export const leafRules: Rules<"input" | "constant" | "literal" | "slot"> = {
  input({ name }, _, output, { inputs }) {
    const values = inputs.get(name);
    if (!values) {
      throw new UsageError(`input ${name} is missing; expected ${sizeOf(output)} numbers; pass it to the run`);
    }
    if (values.length !== sizeOf(output)) {
      throw new UsageError(`input ${name} has ${values.length} numbers; expected ${sizeOf(output)}`);
    }
    return values;
  },
  constant: ({ value }) => Float64Array.of(value),
  literal: ({ values }) => Float64Array.from(values),
  slot: ({ slot }, _, __, { slots }) => slots.get(slot.name) ?? Float64Array.from(initialValues(slot)),
};
