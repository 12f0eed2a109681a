/**
 * As much of the libraries' types as the page uses: types are checked, and linted, where the libraries are not installed. What is
 * declared so goes before what a package brings.
 */
declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    readonly shape: number[];
    add(other: Tensor | number): Tensor;
    cast(dtype: 'float32' | 'int32'): Tensor;
    data(): Promise<Float32Array>;
    expandDims(axis: number): Tensor;
    mod(other: number): Tensor;
    mul(other: Tensor): Tensor;
    reshape(shape: readonly number[]): Tensor;
    square(): Tensor;
    squeeze(axes: readonly number[]): Tensor;
    sub(other: Tensor): Tensor;
    transpose(axes: readonly number[]): Tensor;
  }
  export const version_core: string;
  export function dispose(tensors: readonly Tensor[]): void;
  export function equal(a: Tensor, b: number): Tensor;
  export function gather(values: Tensor, indices: Tensor): Tensor;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export function ones(shape: readonly number[]): Tensor;
  export function randomUniform(
    shape: readonly number[],
    low: number,
    high: number,
    dtype: 'float32',
    seed: number,
  ): Tensor;
  export function ready(): Promise<void>;
  export function searchSorted(sorted: Tensor, values: Tensor, side: 'right'): Tensor;
  export function setBackend(name: string): Promise<boolean>;
  export function split(values: Tensor, parts: number, axis: number): Tensor[];
  export function sub(a: number, b: Tensor): Tensor;
  export function tensor(values: Float32Array, shape?: readonly number[]): Tensor;
  export function tidy<Result extends Tensor | Tensor[]>(work: () => Result): Result;
}

declare module '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
declare module '@tensorflow/tfjs-backend-webgl';
declare module '@tensorflow/tfjs-backend-webgpu';
declare module '@tensorflow/tfjs-backend-wasm' {
  export function setThreadsCount(count: number): void;
  export function setWasmPaths(paths: Readonly<Record<string, string>>): void;
}

declare module '@jax-js/jax' {
  export interface Array {
    readonly ref: this;
    add(other: Array): Array;
    astype(dtype: DType): Array;
    blockUntilReady(): Promise<Array>;
    data(): Promise<Float32Array>;
    mul(other: Array): Array;
    reshape(shape: readonly number[]): Array;
    sub(other: Array): Array;
    sum(axis: number): Array;
  }
  /** One of the library's own; nothing is known of it. */
  export type DType = symbol;
  export const numpy: {
    readonly float32: DType;
    readonly int32: DType;
    arange(start: number, stop: number, step: number, options: { readonly dtype: DType }): Array;
    array(values: Float32Array | number, options?: { readonly dtype: DType }): Array;
    equal(a: Array, b: Array): Array;
    lessEqual(a: Array, b: Array): Array;
    remainder(a: Array, b: Array): Array;
    square(values: Array): Array;
    take(values: Array, indices: Array): Array;
    where(condition: Array, a: Array, b: Array | number): Array;
  };
  export const random: {
    key(seed: number): Array;
    uniform(key: Array, shape: readonly number[]): Array;
  };
  export function defaultDevice(name: string): string;
  export function init(...names: string[]): Promise<string[]>;
  export function jit<Arguments extends Array[]>(
    work: (...given: Arguments) => Array[],
  ): (...given: Arguments) => Array[];
}
