/**
 * The page's engine thread: owns the GPU device, so that the page stays responsive. Comlink exposes one `EngineHost`.
 */
import { expose } from 'comlink';
import { EngineHost } from './engineHost.ts';

expose(new EngineHost());
