/** Whether a peer's answers are right, and the Python script that gives some of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { whatIsWrong } from '../../bench/peers/check.ts';
import { expectedOf } from '../../bench/peers/expected.ts';
import { jobProblem, jobSpec, jobTable, type Answer } from '../../bench/peers/job.ts';
import { OwnPeer } from '../../bench/peers/ownPeer.ts';
import { PythonPeer } from '../../bench/peers/pythonPeer.ts';
import { TwinEngine } from '../../src/engine/twin/twinEngine.ts';
import { exactAnswer, normSq } from './exactAnswer.ts';

const problem = jobProblem();
const table = jobTable();
const expected = await expectedOf(problem, table);
const CELLS = problem.rowCount * problem.vocab;

describe('a peer that is right', () => {
  let drawn: Answer;

  beforeAll(async () => {
    const peer = new OwnPeer('twin', '0', { problem, table, seed: 5 }, () =>
      Promise.resolve(new TwinEngine()),
    );
    await peer.open();
    // 1024 groups of 64 prompts; the chance that this honest one is called wrong is 1e-6, and the seed is fixed.
    drawn = await peer.run(8);
    await peer.close();
  });

  test('is found right from its draws, by an engine and by theory', () => {
    expect(whatIsWrong(expected, [drawn])).toBeNull();
    expect(whatIsWrong(expected, [exactAnswer(expected)])).toBeNull();
  });

  test.each<[name: string, change: (answer: Answer) => Partial<Answer>, found: RegExp]>([
    [
      'weights with n for n − 1',
      ({ gradient }) => ({ gradient: gradient.map((value) => value * (15 / 16)) }),
      /^gradient/,
    ],
    [
      'a variance that is the second moment',
      ({ variance }) => ({
        variance: variance.map((value, prompt) => value + normSq(expected.prompts[prompt].coordinates)),
      }),
      /^second moment/,
    ],
    [
      'a variance of n for n − 1',
      ({ variance }) => ({ variance: variance.map((value) => value * (15 / 16) ** 2) }),
      /^second moment/,
    ],
    [
      'prompts in another order',
      ({ successProb }) => ({ successProb: [...successProb].reverse() }),
      /^J1 of prompt p0/,
    ],
    [
      'rows in another order',
      ({ gradient }) => ({
        gradient: gradient.map((_, cell) => gradient[cell - (cell % CELLS) + CELLS - 1 - (cell % CELLS)]),
      }),
      /^gradient of prompt/,
    ],
    [
      'a J1 that is off by four hundredths',
      ({ successProb }) => ({ successProb: successProb.map((p) => p + 0.04) }),
      /^J1/,
    ],
    ['no numbers', ({ gradient }) => ({ gradient: gradient.map(() => NaN) }), /no numbers/],
    ['too few numbers', ({ variance }) => ({ variance: variance.slice(1) }), /has 63 values, not 64/],
  ])('is told from %s', (_, change, found) => {
    expect(whatIsWrong(expected, [{ ...drawn, ...change(drawn) }])).toMatch(found);
  });
});

describe('peers.py', () => {
  const script = fileURLToPath(new URL('../../bench/peers/peers.py', import.meta.url));
  const spec = jobSpec(problem, table, 3);
  const folders: string[] = [];
  const peerOf = (library: 'numpy' | 'torch' | 'jax', python = 'python3'): PythonPeer =>
    new PythonPeer(library, library, spec, { python, script });

  afterEach(() => {
    delete process.env.PYTHONPATH;
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  test('answers rightly in NumPy, where Python has it', async () => {
    const peer = peerOf('numpy');
    try {
      const { version, backend } = await peer.open();
      expect(version).toMatch(/^\d+\.\d+\.\d+.* \(Python 3\./);
      expect(backend).toMatch(/^cpu, \d+ threads?$/);
      const answers = [await peer.run(1), await peer.run(2)];
      expect(whatIsWrong(expected, answers)).toBeNull();
      expect(answers[1].groupCount).toBe(2 * answers[0].groupCount);
      expect(answers[0].gradient).not.toEqual(answers[1].gradient);
      expect(answers[0].seconds).toBeGreaterThan(0);
    } catch (error) {
      // No Python here, or none with NumPy: that this is said is all that can be tested.
      expect(String(error)).toMatch(/not installed: no module named numpy|no python3 on this machine/);
    } finally {
      await peer.close();
    }
  });

  test('says which module is missing, and what a module fails with', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'passk-peers-'));
    folders.push(folder);
    process.env.PYTHONPATH = folder;
    for (const [text, reason] of [
      ['import no_such_module', /not installed: no module named no_such_module|no python3 on this machine/],
      ['1 / 0', /ZeroDivisionError: division by zero|no python3 on this machine/],
    ] as const) {
      writeFileSync(join(folder, 'numpy.py'), text);
      const peer = peerOf('numpy');
      await expect(peer.open()).rejects.toThrow(reason);
      await peer.close();
    }
  });

  test('is not asked where there is no Python', async () => {
    const peer = peerOf('numpy', 'no-such-python');
    await expect(peer.open()).rejects.toThrow('no no-such-python on this machine');
    await peer.close();
  });
});
