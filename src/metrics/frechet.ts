/** The Fréchet distance between two sets of features, each seen as a normal distribution. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { UsageError } from "../core/errors.ts";
import type { Points } from "./points.ts";

/** A normal distribution. */
export interface Gaussian {
  readonly mean: Float64Array;
  /** Symmetric, [length, length], row-major. */
  readonly covariance: Float64Array;
}

/** Mean and covariance (divided by count − 1) of points. @throws UsageError for fewer than two. */
export function fitGaussian({ count, length, values }: Points): Gaussian {
  if (count < 2) throw new UsageError(`${count} points have no covariance; expected two at least`);
  const mean = new Float64Array(length);
  for (let i = 0; i < values.length; i++) mean[i % length] += values[i] / count;
  const covariance = new Float64Array(length * length);
  const centered = new Float64Array(length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++) centered[k] = values[i * length + k] - mean[k];
    for (let k = 0; k < length; k++) {
      for (let l = 0; l <= k; l++) covariance[k * length + l] += centered[k] * centered[l];
    }
  }
  for (let k = 0; k < length; k++) {
    for (let l = 0; l <= k; l++) {
      covariance[k * length + l] /= count - 1;
      covariance[l * length + k] = covariance[k * length + l];
    }
  }
  return { mean, covariance };
}

/** Eigenvalues of a symmetric matrix, those that rounding made negative as 0, and their vectors as columns. */
function decompose(matrix: Matrix): { values: number[]; vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  return { values: realEigenvalues.map((value) => Math.max(value, 0)), vectors: eigenvectorMatrix };
}

/**
 * |μ₁ − μ₂|² + tr C₁ + tr C₂ − 2 tr √(C₁C₂) (Dowson & Landau 1982, equation 16; for features of images Heusel et al.
 * 2017, equation 6). C₁C₂ has the eigenvalues of the symmetric √C₁ C₂ √C₁, so that no root of an unsymmetric matrix
 * is needed. Double precision.
 */
export function gaussianDistance(first: Gaussian, second: Gaussian): number {
  const { length } = first.mean;
  const matrixOf = ({ covariance }: Gaussian) => Matrix.from1DArray(length, length, [...covariance]);
  const [c1, c2] = [matrixOf(first), matrixOf(second)];
  const { values, vectors } = decompose(c1);
  const root = vectors.mmul(Matrix.diag(values.map(Math.sqrt))).mmul(vectors.transpose());
  const product = root.mmul(c2).mmul(root);
  // Rounding leaves it not quite symmetric.
  const { values: squares } = decompose(Matrix.add(product, product.transpose()).mul(0.5));
  const rootTrace = squares.reduce((sum, value) => sum + Math.sqrt(value), 0);
  const shift = first.mean.reduce((sum, value, k) => sum + (value - second.mean[k]) ** 2, 0);
  return Math.max(shift + c1.trace() + c2.trace() - 2 * rootTrace, 0);
}

/** The distance between the normal distributions that fit two sets of points. */
export function frechetDistance(samples: Points, real: Points): number {
  return gaussianDistance(fitGaussian(samples), fitGaussian(real));
}
