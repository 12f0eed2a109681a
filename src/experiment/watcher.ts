/** How a run tells of its progress, and is told to stop. */

export interface RunProgress {
  readonly stage: 'planning' | 'compiling' | 'sampling' | 'checking' | 'timing';
  readonly tokenCount: number;
  readonly totalTokens: number;
}

/** Told of progress, and asked whether to go on. */
export interface RunWatcher {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}
