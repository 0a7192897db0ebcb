/** What descriptions of every framework have in common. */
import { OptionError } from '../errors.js';
import { checkCount, checkNames, describe, type Pair, readPerAxis } from '../geometry/index.js';
import type { Layout } from '../types.js';

/** A description by names in camel case; null, which Python says for a default, is left out. */
export interface Description {
  readonly fn: string;
  readonly op: string;
  /** Spatial axes. */
  readonly axes: number;
  readonly given: Readonly<Record<string, unknown>>;
}

const camel = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Reads the names; `ops` gives the number of axes of each op, or 0 where `kernel` has to say it. */
export function readDescription(
  fn: string,
  description: object,
  known: readonly string[],
  ops: Readonly<Record<string, number>>,
  kernel: string,
): Description {
  if (typeof description !== 'object' || description === null || Array.isArray(description)) {
    throw new OptionError(fn, `the description is ${describe(description)}; expected an object of op and its arguments`);
  }
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(description)) if (value !== null && value !== undefined) given[camel(name)] = value;
  checkNames(fn, given, ['op', ...known], 'the description');
  const { op } = given;
  const axes = typeof op === 'string' && Object.hasOwn(ops, op) ? ops[op] : undefined;
  if (typeof op !== 'string' || axes === undefined) {
    throw new OptionError(fn, `op is ${describe(op)}; expected one of ${Object.keys(ops).join(', ')}`);
  }
  const taps = given[kernel];
  if (axes > 0) return { fn, op, axes, given };
  if (!Array.isArray(taps) || taps.length < 1 || taps.length > 3) {
    throw new OptionError(
      fn,
      `${kernel} is ${describe(taps)}; expected an array of one to three sizes, which says how many axes there are`,
    );
  }
  return { fn, op, axes: taps.length, given };
}

/** Whole numbers, one for each axis. */
export function perAxis({ fn, axes, given }: Description, name: string, fallback: number | undefined, least: number): number[] {
  const value = given[name] ?? fallback;
  if (value === undefined) throw new OptionError(fn, `${name} is missing; expected a number or an array of ${axes}`);
  return readPerAxis(fn, name, value, axes, least);
}

/** A whole number ≥ 1, if it is given. */
export function count({ fn, given }: Description, name: string): number | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  checkCount(fn, name, value, 1);
  return value as number;
}

export function flag({ fn, given }: Description, name: string, fallback: boolean): boolean {
  const value = given[name] ?? fallback;
  if (typeof value !== 'boolean') throw new OptionError(fn, `${name} is ${describe(value)}; expected true or false`);
  return value;
}

/** One of several words, `fallback` where none is given. */
export function word<W extends string>({ fn, given }: Description, name: string, words: readonly W[], fallback: W): W {
  const value = given[name] ?? fallback;
  const found = words.find((each) => each === value);
  if (found === undefined) throw new OptionError(fn, `${name} is ${describe(value)}; expected one of ${words.join(', ')}`);
  return found;
}

/** The layout that one of two words says. */
export function layoutOf(description: Description, name: string, first: string, last: string, fallback: string): Layout {
  return word(description, name, [first, last], fallback) === first ? 'channels-first' : 'channels-last';
}

/** `length` whole numbers from `least` on. */
export function list(fn: string, name: string, value: unknown, length: number, least: number): number[] {
  if (!Array.isArray(value) || value.length !== length) {
    throw new OptionError(fn, `${name} is ${describe(value)}; expected an array of ${length}`);
  }
  for (const each of value) checkCount(fn, name, each, least);
  return value as number[];
}

/** Only those of a specification that are known. */
export const known = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

/** As short as it can be written: one number where all are alike. */
export function short(values: readonly number[]): number | readonly number[] {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : values;
}

/** [before of each axis, after of each axis]. */
export const sides = (pads: readonly Pair[]): number[] => [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
