/** The case of every primitive. */
import type { Op } from "../../src/graph/primitives.ts";
import type { Case } from "./case.ts";
import { contractionCases } from "./contraction.ts";
import { movementCases } from "./movement.ts";
import { pointwiseCases } from "./pointwise.ts";
import { reductionCases } from "./reduction.ts";
import { resamplingCases } from "./resampling.ts";
import { sourceCases } from "./source.ts";

const cases: { readonly [O in Op]: Case } = {
  ...sourceCases,
  ...pointwiseCases,
  ...contractionCases,
  ...reductionCases,
  ...movementCases,
  ...resamplingCases,
};

/** The cases with their names, to walk over. */
export const allCases = Object.entries(cases) as readonly (readonly [Op, Case])[];
