/** How a run tells of its progress, and is told to stop. */

export interface RunProgress {
  /** which of the suite; absent within it */
  readonly experiment?: string;
  readonly stage: 'planning' | 'compiling' | 'sampling' | 'checking' | 'timing';
  readonly tokenCount: number;
  readonly totalTokens: number;
}

/** Told of progress, and asked whether to go on. */
export interface RunWatcher {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}
