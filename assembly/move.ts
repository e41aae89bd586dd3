import { FILL_COUNT, FILL_OUT, FILL_VALUE } from "./abi.gen";
import { floatWord, store4, storeFloat, word } from "./simd";
import { shareBegin, shareEnd } from "./team";

export function fill(instruction: usize, thread: i32, threads: i32): void {
  const count = word(instruction, FILL_COUNT);
  const value = floatWord(instruction, FILL_VALUE);
  const lanes = f32x4.splat(value);
  const lines = (count + 15) >> 4;
  const begin = shareBegin(lines, thread, threads) << 4;
  const end = min(shareEnd(lines, thread, threads) << 4, count);
  const out = <usize>word(instruction, FILL_OUT);
  let i = begin;
  for (; i + 4 <= end; i += 4) store4(out + (i << 2), lanes);
  for (; i < end; i++) storeFloat(out + (i << 2), value);
}
