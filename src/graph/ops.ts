/**
 * The functions that build graphs: one for each primitive, and the few everybody expects on top of them. All throw
 * ShapeError when shapes do not fit.
 */
export * from "./ops/activation.ts";
export * from "./ops/contraction.ts";
export * from "./ops/leaves.ts";
export * from "./ops/movement.ts";
export * from "./ops/pointwise.ts";
export * from "./ops/reduction.ts";
export * from "./ops/resampling.ts";
