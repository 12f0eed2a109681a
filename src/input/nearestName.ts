/** What a mistyped name was probably meant to be. */

/**
 * The choice with the least edit distance (insertions, deletions, substitutions), if no more than two fifths of the text's length,
 * and one letter in any case, differ.
 *
 * @returns advice for an error line, or undefined where nothing is near
 */
export function nearestAdvice(text: string, choices: readonly string[]): string | undefined {
  const typed = text.slice(0, LONGEST_NAME).toLowerCase();
  const limit = Math.max(1, Math.floor(0.4 * typed.length));
  let nearest: string | undefined;
  let least = limit + 1;
  for (const choice of choices) {
    const distance = editDistance(typed, choice.toLowerCase());
    if (distance < least) [nearest, least] = [choice, distance];
  }
  return nearest === undefined ? undefined : `did you mean ${nearest}?`;
}

/** No name of ours is longer. */
const LONGEST_NAME = 40;

/** Levenshtein's distance, a row at a time. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column] + 1, current[column - 1] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}
