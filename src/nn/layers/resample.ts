/** Changing the size of images by whole factors. */
import { averagePool, bilinear, upsampleNearest } from "../../graph/ops.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { layer } from "./layer.ts";

/** x [N, H, W, C] → [N, H·factor, W·factor, C]; bilinear with half-pixel centres. */
export function upsample(
  name: string,
  x: Tensor,
  factor: number,
  method: "nearest" | "bilinear" = "nearest",
): Tensor {
  return layer(
    name,
    `upsample ×${factor}, ${method}`,
    () => method === "nearest" ? upsampleNearest(x, factor) : bilinear(x, x.shape[1] * factor, x.shape[2] * factor),
  );
}

/** x [N, H, W, C] → [N, H/factor, W/factor, C], the mean of each factor × factor pixels. */
export function downsample(name: string, x: Tensor, factor: number): Tensor {
  return layer(name, `downsample ÷${factor}`, () => averagePool(x, { kernel: factor }));
}
