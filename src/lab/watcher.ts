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

export interface RunProgress {
  /** which of the suite; absent within it */
  readonly experiment?: string;
  readonly stage: 'planning' | 'compiling' | 'sampling' | 'training' | 'checking' | 'timing';
  readonly tokenCount: number;
  readonly totalTokens: number;
  /** about once a second while replicas are trained */
  readonly live?: LiveChart;
}

/** Told of progress, and asked whether to go on. */
export interface RunWatcher {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}
