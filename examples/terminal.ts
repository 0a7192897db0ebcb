/** What the examples need to be readable in a terminal and, without colours, in a pipe. */
import { stripVTControlCharacters, styleText } from 'node:util';
import wrapAnsi from 'wrap-ansi';

export type Style = Parameters<typeof styleText>[0];

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR;

export const paint = (style: Style, text: string): string => (coloured ? styleText(style, text) : text);

/** Columns that are used: those of a narrow terminal, else 80. */
export const COLUMNS = Math.min(80, process.stdout.columns || 80);
const INDENT = 2;

/** A paragraph, in lines that fit. */
export const prose = (text: string): string => wrapAnsi(text.trim().replaceAll(/\s+/g, ' '), COLUMNS);

export const heading = (text: string): string => `\n${paint(['bold', 'cyan'], text)}\n${paint('cyan', '─'.repeat(text.length))}`;

/** Columns a string takes on the screen. */
const width = (text: string): number => [...stripVTControlCharacters(text)].length;

const pad = (text: string, columns: number, right: boolean): string => {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return right ? space + text : text + space;
};

/** Lines of a table. A header that starts with '>' aligns its column to the right. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const names = headers.map((header) => header.replace(/^>/, ''));
  const widths = names.map((name, column) => Math.max(width(name), ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, headers[column]?.startsWith('>') ?? false))
      .join('  ')
      .trimEnd();
  const all = [paint('bold', line(names)), paint('dim', widths.map((columns) => '─'.repeat(columns)).join('  ')), ...rows.map(line)];
  if (all.every((each) => width(each) <= COLUMNS - INDENT)) return all;
  // Too wide: a paragraph for each row, without columns and their names.
  return rows.flatMap((cells) =>
    wrapAnsi(cells.filter(Boolean).join('  '), COLUMNS - 2 * INDENT)
      .split('\n')
      .map((part, index) => (index > 0 ? ' '.repeat(INDENT) + part : part)),
  );
}

/** Joins blocks of lines from left to right, as many as fit, filled up below to the tallest; the others below them. */
export function sideBySide(blocks: readonly (readonly string[])[], gap = 4): string[] {
  const rows: (readonly string[])[][] = [];
  let used = COLUMNS;
  for (const block of blocks) {
    const columns = Math.max(...block.map(width)) + gap;
    if (used + columns - gap > COLUMNS - INDENT) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(block);
    used += columns;
  }
  return rows.flatMap((row, index) => [...(index > 0 ? [''] : []), ...joined(row, gap)]);
}

function joined(blocks: readonly (readonly string[])[], gap: number): string[] {
  const height = Math.max(...blocks.map((block) => block.length));
  const widths = blocks.map((block) => Math.max(...block.map(width)));
  return Array.from({ length: height }, (_, row) =>
    blocks
      .map((block, i) => pad(block[row] ?? '', widths[i] ?? 0, false))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

/** A title over a matrix of whole numbers. */
export function matrix(title: string, values: ArrayLike<number>, columns: number): string[] {
  const cells = Array.from(values, String);
  const widest = Math.max(...cells.map(width));
  const rows = Array.from({ length: cells.length / columns }, (_, row) =>
    cells
      .slice(row * columns, (row + 1) * columns)
      .map((cell) => pad(cell, widest, true))
      .join(' '),
  );
  return [paint('bold', title), ...rows];
}

/** A picture of brightnesses in [0, 1], two pixels in a character. */
export function picture(pixels: ArrayLike<number>, columns: number): string[] {
  const lit = (row: number, column: number) => (pixels[row * columns + column] ?? 0) > 0.4;
  return Array.from({ length: Math.ceil(pixels.length / columns / 2) }, (_, row) =>
    Array.from({ length: columns }, (_, column) => ' ▄▀█'[(lit(2 * row, column) ? 2 : 0) + (lit(2 * row + 1, column) ? 1 : 0)]).join(''),
  );
}

export const indent = (lines: readonly string[], columns = INDENT): string => lines.map((line) => ' '.repeat(columns) + line).join('\n');
