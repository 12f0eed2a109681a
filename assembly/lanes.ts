/**
 * Lanes: one source for machines with SIMD and without. A type parameter `W` (words, u32) or `R` (reals, f32) is a v128 of
 * four numbers side by side, or one number alone. Each lane computes what it would alone, so both forms give the same bits.
 *
 * `isVector<T>()` is decided while the compiler runs: nothing of it is left in the module.
 */

export const LANES: u32 = ASC_FEATURE_SIMD ? 4 : 1;

/** Bytes of a value of all lanes. */
export const WIDTH: u32 = LANES * 4;

// @ts-ignore: decorator
@inline
export function get<T>(at: usize): T {
  if (isVector<T>()) return v128.load(at);
  return load<T>(at);
}

// @ts-ignore: decorator
@inline
export function put<T>(at: usize, value: T): void {
  if (isVector<T>()) v128.store(at, value);
  else store<T>(at, value);
}

// ---- words ----

// @ts-ignore: decorator
@inline
export function word<W>(value: u32): W {
  if (isVector<W>()) return i32x4.splat(value);
  return value;
}

/** first, first + 1, … */
// @ts-ignore: decorator
@inline
export function countingFrom<W>(first: u32): W {
  if (isVector<W>()) return i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  return first;
}

// @ts-ignore: decorator
@inline
export function add<W>(a: W, b: W): W {
  if (isVector<W>()) return i32x4.add(a, b);
  return a + b;
}

// @ts-ignore: decorator
@inline
export function subtract<W>(a: W, b: W): W {
  if (isVector<W>()) return i32x4.sub(a, b);
  return a - b;
}

// @ts-ignore: decorator
@inline
export function multiply<W>(a: W, b: W): W {
  if (isVector<W>()) return i32x4.mul(a, b);
  return a * b;
}

/** The high halves of the 64-bit products. */
// @ts-ignore: decorator
@inline
export function multiplyHigh<W>(a: W, b: W): W {
  if (isVector<W>()) {
    const low = i64x2.extmul_low_i32x4_u(a, b);
    const high = i64x2.extmul_high_i32x4_u(a, b);
    return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  }
  return u32((u64(a) * u64(b)) >>> 32);
}

// @ts-ignore: decorator
@inline
export function xor<W>(a: W, b: W): W {
  if (isVector<W>()) return v128.xor(a, b);
  return a ^ b;
}

// @ts-ignore: decorator
@inline
export function or<W>(a: W, b: W): W {
  if (isVector<W>()) return v128.or(a, b);
  return a | b;
}

// @ts-ignore: decorator
@inline
export function and<W>(a: W, b: W): W {
  if (isVector<W>()) return v128.and(a, b);
  return a & b;
}

// @ts-ignore: decorator
@inline
export function shiftLeft<W>(a: W, bits: i32): W {
  if (isVector<W>()) return i32x4.shl(a, bits);
  return a << bits;
}

// @ts-ignore: decorator
@inline
export function shiftRight<W>(a: W, bits: i32): W {
  if (isVector<W>()) return i32x4.shr_u(a, bits);
  return a >>> bits;
}

// @ts-ignore: decorator
@inline
export function rotateLeft<W>(a: W, bits: i32): W {
  if (isVector<W>()) return v128.or(i32x4.shl(a, bits), i32x4.shr_u(a, 32 - bits));
  return rotl<u32>(a, bits);
}

/** All ones where equal, else 0. */
// @ts-ignore: decorator
@inline
export function equal<W>(a: W, b: W): W {
  if (isVector<W>()) return i32x4.eq(a, b);
  return a == b ? 0xffffffff : 0;
}

/** a > b as u32: all ones, else 0. */
// @ts-ignore: decorator
@inline
export function above<W>(a: W, b: W): W {
  if (isVector<W>()) return i32x4.gt_u(a, b);
  return a > b ? 0xffffffff : 0;
}

/** Bit by bit: a where the mask is one, else b. */
// @ts-ignore: decorator
@inline
export function chooseWord<W>(mask: W, a: W, b: W): W {
  if (isVector<W>()) return v128.bitselect(a, b, mask);
  return (a & mask) | (b & ~mask);
}

// ---- reals ----

// @ts-ignore: decorator
@inline
export function real<R>(value: f32): R {
  if (isVector<R>()) return f32x4.splat(value);
  return value;
}

// @ts-ignore: decorator
@inline
export function plus<R>(a: R, b: R): R {
  if (isVector<R>()) return f32x4.add(a, b);
  return a + b;
}

// @ts-ignore: decorator
@inline
export function minus<R>(a: R, b: R): R {
  if (isVector<R>()) return f32x4.sub(a, b);
  return a - b;
}

// @ts-ignore: decorator
@inline
export function times<R>(a: R, b: R): R {
  if (isVector<R>()) return f32x4.mul(a, b);
  return a * b;
}

// @ts-ignore: decorator
@inline
export function over<R>(a: R, b: R): R {
  if (isVector<R>()) return f32x4.div(a, b);
  return a / b;
}

// @ts-ignore: decorator
@inline
export function root<R>(a: R): R {
  if (isVector<R>()) return f32x4.sqrt(a);
  return sqrt<f32>(a);
}

/** The nearest integer, of two the even one. */
// @ts-ignore: decorator
@inline
export function rounded<R>(a: R): R {
  if (isVector<R>()) return f32x4.nearest(a);
  return nearest<f32>(a);
}

/** a > b: all ones, else 0. */
// @ts-ignore: decorator
@inline
export function greater<R, W>(a: R, b: R): W {
  if (isVector<R>()) return f32x4.gt(a, b);
  return a > b ? 0xffffffff : 0;
}

/** a where the mask is all ones, b where it is 0. */
// @ts-ignore: decorator
@inline
export function choose<R, W>(mask: W, a: R, b: R): R {
  if (isVector<R>()) return v128.bitselect(a, b, mask);
  return mask ? a : b;
}

/** An integer in a real as a u32; negative ones and NaN become 0, what is too large 2^32 − 1. */
// @ts-ignore: decorator
@inline
export function toWord<R, W>(a: R): W {
  if (isVector<R>()) return i32x4.trunc_sat_f32x4_u(a);
  return u32(a);
}

// @ts-ignore: decorator
@inline
export function toReal<W, R>(a: W): R {
  if (isVector<R>()) return f32x4.convert_i32x4_u(a);
  return f32(a);
}

/** The bits of a real. */
// @ts-ignore: decorator
@inline
export function bitsOf<R, W>(a: R): W {
  if (isVector<R>()) return a;
  return reinterpret<u32>(a);
}

/** The real of some bits. */
// @ts-ignore: decorator
@inline
export function realOf<W, R>(a: W): R {
  if (isVector<R>()) return a;
  return reinterpret<f32>(a);
}

/** An integer below 2^31, which converts faster than any. */
// @ts-ignore: decorator
@inline
export function smallToReal<W, R>(a: W): R {
  if (isVector<R>()) return f32x4.convert_i32x4_s(a);
  return f32(i32(a));
}

/** Whether any lane has a bit set. */
// @ts-ignore: decorator
@inline
export function isAny<W>(a: W): bool {
  if (isVector<W>()) return v128.any_true(a);
  return a != 0;
}
