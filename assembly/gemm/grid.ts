/** Rows of C on an image grid. */

import {
  CONTRACT_C_GRID_HEIGHT,
  CONTRACT_C_GRID_WIDTH,
  CONTRACT_C_STRIDE_IMAGE,
  CONTRACT_C_STRIDE_X,
  CONTRACT_C_STRIDE_Y,
} from "../abi.gen";
import { signedWord, storeWord } from "../simd";

/** Fills `offsets` with the byte offsets in C of the rows [row, row + rows). */
export function locateOutput(instruction: usize, row: i32, rows: i32, offsets: usize): void {
  const gridWidth = signedWord(instruction, CONTRACT_C_GRID_WIDTH);
  const gridHeight = signedWord(instruction, CONTRACT_C_GRID_HEIGHT);
  const strideImage = signedWord(instruction, CONTRACT_C_STRIDE_IMAGE);
  const strideY = signedWord(instruction, CONTRACT_C_STRIDE_Y);
  const strideX = signedWord(instruction, CONTRACT_C_STRIDE_X);
  let x = row % gridWidth, y = row / gridWidth % gridHeight, image = row / gridWidth / gridHeight;
  for (; rows > 0; rows--) {
    storeWord(offsets, (image * strideImage + y * strideY + x * strideX) << 2);
    offsets += 4;
    if (++x == gridWidth) {
      x = 0;
      if (++y == gridHeight) {
        y = 0;
        image++;
      }
    }
  }
}
