/** Chosen to hold against both a white and a dark ground. */
export const COLOURS = [
  '#3b82c4',
  '#d97706',
  '#2f9e6e',
  '#c2528b',
  '#8b6fd0',
  '#a3713a',
  '#4d9ba3',
  '#c94f4f',
];
