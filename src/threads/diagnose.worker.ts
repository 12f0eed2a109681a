/** Reads and diagnoses evaluation files off the page's own thread: large ones take seconds. Needs no GPU. */
import { expose } from 'comlink';
import { DiagnoseHost } from './diagnoseHost.ts';

expose(new DiagnoseHost());
