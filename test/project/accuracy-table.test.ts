import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Accuracy, accuracyTable, DEPTHS, measureAccuracy, WINOGRAD_BOUND } from '../../bench/accuracy.js';
import { loadSync, UnsupportedRuntimeError } from '../../src/index.js';

function measured(variant: 'simd' | 'relaxed'): Accuracy[] | null {
  try {
    return measureAccuracy(loadSync({ variant }));
  } catch (error) {
    if (error instanceof UnsupportedRuntimeError) return null;
    throw error;
  }
}

describe.each(['simd', 'relaxed'] as const)('accuracy, %s', (variant) => {
  const rows = measured(variant);

  it.skipIf(!rows)(`Winograd is within ${WINOGRAD_BOUND} of the largest output up to ${DEPTHS.at(-1)} channels`, () => {
    const winograd = rows?.filter(({ algorithm }) => algorithm === 'winograd') ?? [];
    expect(winograd).toHaveLength(15 * DEPTHS.length);
    for (const { error } of winograd) expect(error).toBeLessThanOrEqual(WINOGRAD_BOUND);
  });

  it.skipIf(!rows)('every other algorithm is as accurate as float32 sums are', () => {
    const others = rows?.filter(({ algorithm }) => algorithm !== 'winograd') ?? [];
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter(({ likeSums }) => !likeSums)).toEqual([]);
    for (const { error } of others) expect(error).toBeGreaterThan(0);
  });

  it.skipIf(!rows)('docs/accuracy.md has these rows and errors', () => {
    const page = readFileSync(new URL('../../docs/accuracy.md', import.meta.url), 'utf8');
    const table = tableOf(page.slice(page.indexOf('<!-- accuracy:begin -->'), page.indexOf('<!-- accuracy:end -->')));
    const now = tableOf(accuracyTable([variant], [rows ?? []]));
    expect(table.map(([what, algorithm]) => [what, algorithm])).toEqual([
      [expect.stringContaining(variant), 'algorithm'],
      ...now.slice(1).map(([what, algorithm]) => [what, algorithm]),
    ]);
    // Operands, sums and roundings are the same everywhere, but that relaxed rounds a product and its sum twice, as simd does, where the processor has no FMA.
    const index = (table[0]?.[0] ?? '').split(', ').indexOf(variant);
    for (const [line, cells] of now.slice(1).entries()) {
      for (const [column, cell] of cells.slice(2).entries()) {
        const written = table[line + 1]?.[column + 2]?.split(', ').slice(0, index + 1);
        expect(written, `${cells.slice(0, 2)}: npm run accuracy writes the table anew`).toContain(cell);
      }
    }
  });
});

/** The cells of a Markdown table, without the line under its head. */
function tableOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| -'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}
