/** A line that grows, over levels to compare it with; the vertical axis is logarithmic. */
import { el, svg } from '../ui/dom.js';
import { digits } from '../ui/numbers.js';
import './line-chart.css';

export interface Level {
  readonly label: string;
  readonly value: number;
}

export interface LineChart {
  readonly element: HTMLElement;
  /** `about` is what a screen reader reads in place of the picture. */
  show(values: readonly number[], about: string, levels?: readonly Level[]): void;
}

const [WIDTH, HEIGHT] = [380, 190];
const EDGE = { left: 58, right: 12, top: 12, bottom: 26 } as const;
const POINTS = 240;

/** `across` names what is counted along the horizontal axis, from `first` on, and `up` what is shown. */
export function lineChart(across: string, up: string, first = 0): LineChart {
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${up}: nothing yet`, class: 'line-chart' });
  const show: LineChart['show'] = (values, about, levels = []) => {
    picture.setAttribute('aria-label', about);
    if (values.length === 0) {
      picture.replaceChildren();
      return;
    }
    const points = thinned(values);
    const heights = [...points.map(([, value]) => value), ...levels.map(({ value }) => value)].filter((value) => value > 0).map(Math.log10);
    const [low, high] = padded(Math.min(...heights), Math.max(...heights));
    const lowest = levels.length > 1 ? Math.min(...levels.map(({ value }) => value)) : undefined;
    const last = Math.max(1, values.length - 1);
    const x = (index: number): number => EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * index) / last;
    const y = (value: number): number => EDGE.top + ((HEIGHT - EDGE.top - EDGE.bottom) * (high - Math.log10(value))) / (high - low);
    const path = points.map(([index, value], i) => `${i ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('');
    picture.replaceChildren(
      ...ticks(low, high).map((value) => tick(y(value), digits(value, 2))),
      ...levels.map((level) => levelLine(level, y(level.value), level.value === lowest)),
      svg('path', { d: path, class: 'curve' }),
      svg('text', { x: EDGE.left, y: HEIGHT - 6 }, String(first)),
      svg('text', { x: WIDTH - EDGE.right, y: HEIGHT - 6, 'text-anchor': 'end' }, `${first + values.length - 1} ${across}`),
    );
  };
  return { element: el('figure', { class: 'chart' }, el('figcaption', {}, `${up}, on a logarithmic scale`), picture), show };
}

const tick = (y: number, label: string): SVGGElement =>
  svg(
    'g',
    {},
    svg('line', { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y, y2: y, class: 'tick' }),
    svg('text', { x: EDGE.left - 6, y: y + 4, 'text-anchor': 'end' }, label),
  );

/** The label is above its line, of the lowest below it: two that are near each other do not meet. */
const levelLine = ({ label }: Level, y: number, isLowest: boolean): SVGGElement =>
  svg(
    'g',
    { class: 'level' },
    svg('line', { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y, y2: y }),
    svg('text', { x: WIDTH - EDGE.right, y: isLowest ? y + 14 : y - 4, 'text-anchor': 'end' }, label),
  );

/** At most as many points as can be told apart, each the mean of neighbours; the first and the last are exact. */
export function thinned(values: readonly number[]): [index: number, value: number][] {
  if (values.length <= POINTS) return values.map((value, i) => [i, value]);
  const size = (values.length - 2) / (POINTS - 2);
  const middle = Array.from({ length: POINTS - 2 }, (_, i): [number, number] => {
    const [from, to] = [1 + Math.floor(i * size), 1 + Math.floor((i + 1) * size)];
    const part = values.slice(from, to);
    return [(from + to - 1) / 2, part.reduce((sum, value) => sum + value, 0) / part.length];
  });
  return [[0, values[0] as number], ...middle, [values.length - 1, values.at(-1) as number]];
}

/** Not less than a factor of two, with some air. */
function padded(low: number, high: number): [number, number] {
  const air = Math.max(0.05, 0.08 * (high - low), (0.3 - (high - low)) / 2);
  return [low - air, high + air];
}

/** 1, 2 and 5 of each power of ten that is in sight; of many only the 1. */
export function ticks(low: number, high: number): number[] {
  const steps = high - low > 2 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => 10 ** (Math.floor(low) + i));
  return powers
    .flatMap((power) => steps.map((step) => step * power))
    .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}
