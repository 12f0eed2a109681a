/** How a run tells of its progress, and is told to stop. */

/** Curves of what is known so far, for a person who waits. */
export interface LiveChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
  }[];
}

/** What a person who waits is told. */
export interface OverallProgress {
  /** of the run, 0 to 1; never falls */
  readonly share: number;
  /** null until there is something to go by */
  readonly secondsLeft: number | null;
  /** of the experiment at work, 0 to 1 */
  readonly within: number;
  /** which one, of how many: "variance", 4, 12 */
  readonly experiment: string;
  readonly index: number;
  readonly count: number;
}

export interface RunProgress {
  /** which of the suite; absent within it */
  readonly experiment?: string;
  readonly stage: 'planning' | 'compiling' | 'sampling' | 'training' | 'checking' | 'timing';
  readonly tokenCount: number;
  readonly totalTokens: number;
  /** of the experiment, 0 to 1, where it knows better than its tokens say */
  readonly share?: number;
  /** of the whole run; absent within an experiment */
  readonly overall?: OverallProgress;
  /** about once a second while replicas are trained */
  readonly live?: LiveChart;
}

/** Told of progress, and asked whether to go on. */
export interface RunWatcher {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}
