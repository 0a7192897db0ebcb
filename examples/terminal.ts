/** What the examples need to be readable in a terminal and, without colours, in a pipe. */
import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR;

export const paint = (style: Style, text: string): string => (coloured ? styleText(style, text) : text);

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
  return [paint('bold', line(names)), paint('dim', widths.map((columns) => '─'.repeat(columns)).join('  ')), ...rows.map(line)];
}

/** Joins blocks of lines from left to right, filled up below to the tallest. */
export function sideBySide(blocks: readonly (readonly string[])[], gap = 4): string[] {
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

export const indent = (lines: readonly string[], columns = 2): string => lines.map((line) => ' '.repeat(columns) + line).join('\n');
