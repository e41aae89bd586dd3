/** How far a result may lie from the oracle's: a function of number type, kind of operation and reduction length. */

export type NumberType = "float32" | "float64";

/**
 * What rounds in an operation. `exact`: nothing, elements are moved or chosen. `rounded`: one correctly rounded
 * operation. `elementary`: a transcendental function, a few units in the last place. `accumulated`: a sum of
 * `reductionLength` terms, whose rounding errors are as large as its typical value even where terms cancel.
 * `transformed`: such a sum by a fast form of a convolution, see `src/plan/fast_forms.ts`.
 */
export type Rounding = "exact" | "rounded" | "elementary" | "accumulated" | "transformed";

/** Largest relative error of one rounding to nearest. */
const unitRoundoff: Readonly<Record<NumberType, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

/** Room for the oracle's own rounding, in float64. */
const ORACLE = 1 + 2 ** -20;

/**
 * How much further than a plain sum's a fast form's result may lie. Its errors are three to six times as large, six with
 * the fewest channels (`tests/plan/fast_forms_test.ts`), since windows and filters are rounded several times before they
 * are multiplied.
 */
const FAST_FORMS = 8;

/** Allowed for |found − expected|: relative · |expected| + ofScale · (root mean square of all expected values). */
export interface Tolerance {
  readonly relative: number;
  readonly ofScale: number;
}

/**
 * The tolerance for one operation. A sum of n rounded terms in any order has an error of about √n units of its typical
 * size; 4 of them leave room for the largest of many elements (an order of magnitude below what a wrong term costs).
 */
export function toleranceOf(type: NumberType, rounding: Rounding, reductionLength = 1): Tolerance {
  const unit = unitRoundoff[type];
  switch (rounding) {
    case "exact":
      return { relative: 0, ofScale: 0 };
    case "rounded":
      return { relative: unit * ORACLE, ofScale: 0 };
    case "elementary":
      return { relative: 16 * unit, ofScale: 0 };
    case "accumulated":
      return { relative: 4 * unit, ofScale: 4 * unit * (1 + Math.sqrt(reductionLength)) };
    case "transformed": {
      const { relative, ofScale } = toleranceOf(type, "accumulated", reductionLength);
      return { relative: FAST_FORMS * relative, ofScale: FAST_FORMS * ofScale };
    }
  }
}

/** Bounds on |difference|₂ / |golden|₂ against the golden vectors; the table stands in `tests/golden/README.md`. */
export const goldenTolerance = { float64: 1e-6, exactFloat32: 1e-5, fastFloat32: 1e-4 } as const;
