/**
 * Estimators by name: `pkpo`, or with parameters `grpo:std=sample:eps=1e-6`. One list may hold a family several times.
 */
import { estimators, families, type Estimator, type EstimatorFamily, type Parameter } from './estimators.ts';
import { nearestAdvice } from '../input/nearestName.ts';
import { InputError, shown } from '../input/inputError.ts';
import { decimal } from '../input/textInput.ts';

/** For help texts and forms. */
export const ESTIMATORS_HELP =
  `some of ${estimators.map(({ id }) => id).join(', ')}; ` + 'with parameters as in grpo:std=sample:eps=1e-6';

const byId = new Map(estimators.map((estimator) => [estimator.id, estimator]));

/** The estimator of an id, with parameters or without, or undefined where there is none. */
export function findEstimator(spec: string): Estimator | undefined {
  const known = byId.get(spec);
  if (known) return known;
  try {
    return readEstimator(spec, 'estimator');
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** An estimator that the catalogue has: our own code names it. @throws Error where it has not */
export function catalogued(id: string): Estimator {
  const estimator = findEstimator(id);
  if (!estimator) throw new Error(`the catalogue has no ${id}`);
  return estimator;
}

/** @throws InputError naming `where` */
export function readEstimator(spec: string, where: string): Estimator {
  const [id, ...settings] = spec.trim().split(':');
  const family = families.find((candidate) => candidate.id === id);
  if (!family)
    throw new InputError(
      where,
      `estimators among ${estimators.map((known) => known.id).join(', ')}`,
      shown(id),
      nearestAdvice(
        id,
        families.map((known) => known.id),
      ),
    );
  const values = Object.fromEntries(family.parameters.map(({ name, usual }) => [name, usual]));
  const given = new Set<string>();
  for (const setting of settings) {
    const [name, ...rest] = setting.split('=');
    if (given.has(name)) throw new InputError(`${where} ${id}`, `${name} once`, shown(spec));
    given.add(name);
    const parameter = family.parameters.find((candidate) => candidate.name === name);
    if (!parameter) throw new InputError(where, expectedParameters(family), shown(setting));
    values[name] = readValue(parameter, rest.join('='), `${where} ${id}:${name}`);
  }
  return { id: specOf(family, values), ...family.make(values) };
}

/** The id, then the parameters that are not the usual ones, in the family's order. */
function specOf({ id, parameters }: EstimatorFamily, values: Readonly<Record<string, string>>): string {
  return [
    id,
    ...parameters
      .filter(({ name, usual }) => values[name] !== usual)
      .map(({ name }) => `${name}=${values[name]}`),
  ].join(':');
}

function readValue({ choices, range }: Parameter, text: string, where: string): string {
  if (choices) {
    if (choices.includes(text)) return text;
    throw new InputError(where, `one of ${choices.join(', ')}`, shown(text));
  }
  const value = decimal(text);
  const [low, high] = range ?? [-Infinity, Infinity];
  if (!(value >= low && value <= high))
    throw new InputError(where, `a number in ${low}..${high}`, shown(text));
  return String(value);
}

function expectedParameters({ id, parameters }: EstimatorFamily): string {
  if (parameters.length === 0) return `${id} alone: it has no parameters`;
  return `${id} with parameters among ${parameters.map(({ name, usual }) => `${name}=${usual}`).join(', ')}`;
}

/** "pkpo,grpo:std=sample": estimators in their order, as canonical names, repeated ones once. @throws InputError */
export function readEstimatorIds(text: string, where: string): string[] {
  return [...new Set(text.split(',').map((part) => readEstimator(part, where).id))];
}
