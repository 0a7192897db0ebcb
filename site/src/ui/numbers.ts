/** Numbers as they are shown: three digits that count. */

export const digits = (value: number, count = 3): string =>
  Number.isFinite(value) ? value.toLocaleString('en', { maximumSignificantDigits: count, useGrouping: false }) : String(value);

/** A small number as a factor and a power of ten. */
export function scientific(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [factor, exponent = ''] = value.toExponential(1).split('e');
  const power = [...exponent.replace('+', '')].map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])).join('');
  return `${factor}·10${power}`;
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
