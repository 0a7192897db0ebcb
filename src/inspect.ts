/**
 * The method that `console.log` of Node, Deno and Bun asks for an object's text. A registered symbol, so that nothing of Node is imported; where nobody asks for
 * it, it does nothing.
 */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Gives `target`, whose getters would be shown as such, the values of the moment for a text. */
export function shown<T extends object>(target: T): T {
  return Object.defineProperty(target, INSPECT, { value: () => ({ ...target }) });
}

/** A float32 as it was meant: 0.1 and not 0.10000000149011612. */
const brief = (value: number): string => String(Number(value.toPrecision(7)));

/** The first of `data`, and how many there are. */
export function excerpt(data: Float32Array, most = 8): string {
  const shown = Array.from(data.subarray(0, most), brief);
  if (data.length > most) shown.push(`... ${data.length - most} more`);
  return `[${shown.join(', ')}]`;
}
