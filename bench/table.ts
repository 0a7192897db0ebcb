/** Lines of a table whose rows can be printed as they come: widths are known beforehand. */
export interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: 'left' | 'right';
}

export function line(columns: readonly Column[], cells: readonly string[]): string {
  return columns
    .map(({ width, align }, index) => {
      const cell = cells[index] ?? '';
      return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
    })
    .join('  ')
    .trimEnd();
}

export const header = (columns: readonly Column[]): string =>
  [columns.map(({ title }) => title), columns.map(({ width }) => '─'.repeat(width))].map((cells) => line(columns, cells)).join('\n');

/** As wide as its title and cells ask for. */
export const columnFor = (title: string, cells: readonly string[], align: 'left' | 'right' = 'left'): Column => ({
  title,
  align,
  width: Math.max(title.length, ...cells.map((cell) => cell.length)),
});

/** So many significant digits, or all before the point, without an exponent. */
export function digits(value: number, significant = 3): string {
  const decimals = value > 0 ? Math.min(6, Math.max(0, significant - 1 - Math.floor(Math.log10(value)))) : 0;
  return value.toFixed(decimals);
}

export const percent = (part: number): string => `${digits(100 * part, 2)} %`;
