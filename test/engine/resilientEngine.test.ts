/** Hosts that die while they open. Deaths in mid-run need a browser: test/engine/gpu/recovery. */
import { expect, test } from 'vitest';
import { DeviceLostError } from '../../src/engine/gpu/adapter.ts';
import { HostLostError, ResilientEngine } from '../../src/engine/resilientEngine.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';

const isLoss = (error: unknown): boolean => error instanceof DeviceLostError;

/** Opens after `deaths` hosts that died at once. */
function opener(deaths: number): { open: () => Promise<TwinEngine>; opened: () => number } {
  let opened = 0;
  return {
    opened: () => opened,
    open: () => {
      opened += 1;
      return opened <= deaths
        ? Promise.reject(new DeviceLostError(`death ${opened}`))
        : Promise.resolve(new TwinEngine());
    },
  };
}

test('a host that dies while it opens is replaced, and the person told', async () => {
  const { open, opened } = opener(2);
  const told: unknown[] = [];
  const engine = await ResilientEngine.start(open, isLoss, (error) => told.push(error));
  expect(opened()).toBe(3);
  expect(told.length).toBe(2);
  expect((await engine.selfTest()).failures).toEqual([]);
});

test('three that die one after the other are the end', async () => {
  const { open, opened } = opener(Infinity);
  await expect(ResilientEngine.start(open, isLoss)).rejects.toThrow(HostLostError);
  expect(opened()).toBe(3);
});

test('what is no loss is passed on at once', async () => {
  const open = (): Promise<TwinEngine> => Promise.reject(new TypeError('a mistake of ours'));
  await expect(ResilientEngine.start(open, isLoss)).rejects.toThrow(TypeError);
});
