/** Builds what a run needs; gives the folder. */
export function build(part: 'cli' | 'page'): Promise<string>;
