/**
 * The page's engine thread: owns the GPU device, so that the page stays responsive. Comlink exposes `EngineThread`.
 */
import { expose } from 'comlink';
import { EngineHost } from '../engine/worker/engineHost.ts';
import { SuiteHost } from './suiteHost.ts';

/** What the thread offers: an engine driven from outside, and the whole suite run inside. */
export interface EngineThread {
  readonly engine: EngineHost;
  readonly suite: SuiteHost;
}

const thread: EngineThread = { engine: new EngineHost(), suite: new SuiteHost() };
expose(thread);
