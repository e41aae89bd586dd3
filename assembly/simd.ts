/**
 * Lanes and memory: the only file that loads, stores or knows about relaxed SIMD. Everything else goes through these
 * functions, so that one switch (`--use CHECKED=1`) turns every access of every kernel into a recorded one, and
 * `--enable relaxed-simd` turns `multiplyAdd` into one fused instruction.
 *
 * Offsets are constant byte distances; they become immediates of the instruction, which is what lets V8 see that two
 * accesses are neighbours and pair them into one of 256 bits.
 */

/** Recording hook of the checking build: `bytes` bytes at `pointer` are about to be read (0) or written (1). */
// @ts-ignore: decorator
@external("env", "access")
declare function access(pointer: usize, bytes: i32, write: i32): void;

// @ts-ignore: decorator
@inline export function load4(pointer: usize, offset: usize = 0): v128 {
  if (isDefined(CHECKED)) access(pointer + offset, 16, 0);
  // Binaryen shortens x + 64 to x − −64 before it looks for distances to fold, and then the pairs around it are lost.
  if (offset == 64) return v128.load(pointer, 64);
  return v128.load(pointer + offset);
}

// @ts-ignore: decorator
@inline export function store4(pointer: usize, value: v128, offset: usize = 0): void {
  if (isDefined(CHECKED)) access(pointer + offset, 16, 1);
  if (offset == 64) v128.store(pointer, value, 64);
  else v128.store(pointer + offset, value);
}

/** One float in all four lanes. */
// @ts-ignore: decorator
@inline export function loadSplat(pointer: usize, offset: usize = 0): v128 {
  if (isDefined(CHECKED)) access(pointer + offset, 4, 0);
  // Binaryen folds constant distances into the immediates of plain loads, but not of this one.
  if (offset == 0) return v128.load32_splat(pointer, 0);
  if (offset == 4) return v128.load32_splat(pointer, 4);
  if (offset == 8) return v128.load32_splat(pointer, 8);
  if (offset == 12) return v128.load32_splat(pointer, 12);
  if (offset == 16) return v128.load32_splat(pointer, 16);
  if (offset == 20) return v128.load32_splat(pointer, 20);
  if (offset == 24) return v128.load32_splat(pointer, 24);
  if (offset == 28) return v128.load32_splat(pointer, 28);
  if (offset == 48) return v128.load32_splat(pointer, 48);
  if (offset == 72) return v128.load32_splat(pointer, 72);
  if (offset == 96) return v128.load32_splat(pointer, 96);
  if (offset == 120) return v128.load32_splat(pointer, 120);
  if (offset == 144) return v128.load32_splat(pointer, 144);
  if (offset == 168) return v128.load32_splat(pointer, 168);
  return v128.load32_splat(pointer + offset);
}

// @ts-ignore: decorator
@inline export function loadFloat(pointer: usize, offset: usize = 0): f32 {
  if (isDefined(CHECKED)) access(pointer + offset, 4, 0);
  return load<f32>(pointer + offset);
}

// @ts-ignore: decorator
@inline export function storeFloat(pointer: usize, value: f32, offset: usize = 0): void {
  if (isDefined(CHECKED)) access(pointer + offset, 4, 1);
  store<f32>(pointer + offset, value);
}

/** Two floats in the lower lanes, zeros above. */
// @ts-ignore: decorator
@inline export function load2(pointer: usize, offset: usize = 0): v128 {
  if (isDefined(CHECKED)) access(pointer + offset, 8, 0);
  return v128.load64_zero(pointer + offset);
}

/** The lower two lanes. */
// @ts-ignore: decorator
@inline export function store2(pointer: usize, value: v128, offset: usize = 0): void {
  if (isDefined(CHECKED)) access(pointer + offset, 8, 1);
  v128.store64_lane(pointer + offset, value, 0);
}

/** Addresses and counts that a kernel keeps in its scratch. */
// @ts-ignore: decorator
@inline export function loadWord(pointer: usize, offset: usize = 0): i32 {
  if (isDefined(CHECKED)) access(pointer + offset, 4, 0);
  return load<i32>(pointer + offset);
}

// @ts-ignore: decorator
@inline export function storeWord(pointer: usize, value: i32, offset: usize = 0): void {
  if (isDefined(CHECKED)) access(pointer + offset, 4, 1);
  store<i32>(pointer + offset, value);
}

// @ts-ignore: decorator
@inline export function loadDouble(pointer: usize, offset: usize = 0): f64 {
  if (isDefined(CHECKED)) access(pointer + offset, 8, 0);
  return load<f64>(pointer + offset);
}

// @ts-ignore: decorator
@inline export function storeDouble(pointer: usize, value: f64, offset: usize = 0): void {
  if (isDefined(CHECKED)) access(pointer + offset, 8, 1);
  store<f64>(pointer + offset, value);
}

/** One double in both halves. */
// @ts-ignore: decorator
@inline export function loadDoubleSplat(pointer: usize): v128 {
  if (isDefined(CHECKED)) access(pointer, 8, 0);
  return v128.load64_splat(pointer);
}

/** Operands of an instruction: words of the program region (read only, so not recorded). */
// @ts-ignore: decorator
@inline export function word(instruction: usize, offset: usize): u32 {
  return load<u32>(instruction + offset);
}

// @ts-ignore: decorator
@inline export function signedWord(instruction: usize, offset: usize): i32 {
  return load<i32>(instruction + offset);
}

// @ts-ignore: decorator
@inline export function floatWord(instruction: usize, offset: usize): f32 {
  return load<f32>(instruction + offset);
}

/** Address of item `item` of an operand that an instruction has a batch of. */
// @ts-ignore: decorator
@inline export function batchAddress(instruction: usize, pointer: usize, stride: usize, item: i32): usize {
  return <usize>word(instruction, pointer) + ((<usize>item * <usize>word(instruction, stride)) << 2);
}

/** a · b + c: one rounding in the relaxed build, two in the plain one. */
// @ts-ignore: decorator
@inline export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
