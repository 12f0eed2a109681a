import { startEngine } from './automation.ts';

window.passkBench = startEngine();
