/**
 * Time on the GPU itself, by timestamps at both ends of each submission's pass: what a submission took there, without the way to it
 * and back. Absent where the adapter has no timestamps. Browsers may round them (to 100 µs, say): of short submissions they tell
 * little.
 */
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const MAP_READ = 0x1;
const MAP_MODE_READ = 0x1;
const QUERY_RESOLVE = 0x200;

/** Passes between two readings. */
const CAPACITY = 256;
const BYTES_PER_TIMESTAMP = 8;

export const TIMESTAMPS = 'timestamp-query';

export class GpuClock {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #mapped: GPUBuffer;
  #passCount = 0;
  #isReading = false;

  private constructor(device: GPUDevice) {
    const size = 2 * CAPACITY * BYTES_PER_TIMESTAMP;
    this.#device = device;
    this.#queries = device.createQuerySet({
      label: 'GpuClock.queries',
      type: 'timestamp',
      count: 2 * CAPACITY,
    });
    this.#resolved = device.createBuffer({
      label: 'GpuClock.resolved',
      size,
      usage: QUERY_RESOLVE | COPY_SRC,
    });
    this.#mapped = device.createBuffer({ label: 'GpuClock.mapped', size, usage: MAP_READ | COPY_DST });
  }

  /** @returns null where the device has no timestamps */
  static of(device: GPUDevice): GpuClock | null {
    return device.features.has(TIMESTAMPS) ? new GpuClock(device) : null;
  }

  get isFull(): boolean {
    return this.#passCount === CAPACITY;
  }

  /** Where the next pass writes its two timestamps; nowhere while the ones before are read. */
  next(): GPUComputePassTimestampWrites | undefined {
    if (this.isFull || this.#isReading) return undefined;
    const first = 2 * this.#passCount;
    this.#passCount += 1;
    return {
      querySet: this.#queries,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    };
  }

  /**
   * What the passes since the last reading took, in ms.
   *
   * @param orLost rejects with the loss of the device
   */
  async read(orLost: <Value>(work: Promise<Value>) => Promise<Value>): Promise<number> {
    const count = 2 * this.#passCount;
    if (count === 0 || this.#isReading) return 0;
    this.#isReading = true;
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'GpuClock.read' });
      encoder.resolveQuerySet(this.#queries, 0, count, this.#resolved, 0);
      encoder.copyBufferToBuffer(this.#resolved, 0, this.#mapped, 0, count * BYTES_PER_TIMESTAMP);
      this.#device.queue.submit([encoder.finish()]);
      await orLost(this.#mapped.mapAsync(MAP_MODE_READ));
      const times = new BigInt64Array(this.#mapped.getMappedRange().slice(0, count * BYTES_PER_TIMESTAMP));
      this.#mapped.unmap();
      let nanoseconds = 0;
      for (let pass = 0; pass < count; pass += 2) {
        // A clock that was set back in between says nothing.
        nanoseconds += Math.max(0, Number(times[pass + 1] - times[pass]));
      }
      return nanoseconds / 1e6;
    } finally {
      this.#passCount = 0;
      this.#isReading = false;
    }
  }
}
