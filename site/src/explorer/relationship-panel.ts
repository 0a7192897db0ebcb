/** The guide's relationship for these sizes, with its formula filled in. */
import { type AppliedRelationship, convOutputSize, convTransposeOutputSize, relationship } from 'simdconv/arithmetic';
import { type Child, el } from '../ui/dom.js';
import { panel } from '../ui/panel.js';
import type { Model } from './model.js';
import type { State } from './state.js';

export interface Letters {
  readonly i: number;
  readonly k: number;
  readonly s: number;
  readonly p: number;
  readonly d: number;
  readonly a: number;
}

/** `o = (i - k) + 1` as `o = (5 − 3) + 1`: what is left of the equals sign stays. */
export function fillIn(formula: string, letters: Letters): string {
  const [left = '', ...right] = formula.split('=');
  const filled = right
    .join('=')
    .replace(/(\d)(?=[ikspda(])/g, '$1·')
    .replace(/([ikspda])'?(\()?/g, (_, letter: keyof Letters, bracket = '') => `${signed(letters[letter])}${bracket && `·${bracket}`}`)
    .replaceAll('-', '−')
    .replaceAll(')(', ')·(');
  return `${left.trim()} = ${filled.trim()}`;
}

/** What is said of one axis. */
export interface Said {
  /** 1 to 15; undefined where the guide says nothing. */
  readonly number: number | undefined;
  readonly title: string;
  readonly formula: string;
  readonly filled: string;
  readonly o: number;
  readonly applied: AppliedRelationship | undefined;
}

function ofAxis(state: State, axis: number, transposed: boolean, input: number, a: number): Said {
  const at = (name: 'kernel' | 'stride' | 'dilation' | 'before' | 'after'): number => state[name][axis] ?? 0;
  const [k, s, d, before, after] = [at('kernel'), at('stride'), at('dilation'), at('before'), at('after')];
  if (before === after) {
    const applied = relationship({ i: input, k, s, p: before, d, a, transposed });
    const { number, title, formula, o } = applied;
    const [rule = '', note = ''] = formula.split(', with ');
    const letters = { i: input, k: note ? d * (k - 1) + 1 : k, s, p: before, d, a };
    return { number, title: note ? `${title}; ${note}` : title, formula: rule, filled: fillIn(rule, letters), o, applied };
  }
  // The guide has one p for both sides.
  const reach = d * (k - 1) + 1;
  const options = { stride: s, dilation: d, padding: [[before, after]] as const };
  const title = 'the sides are padded differently, which the guide leaves out; k̂ = d(k − 1) + 1';
  const common = { number: undefined, title, applied: undefined };
  return transposed
    ? {
        ...common,
        formula: "o' = s(i' − 1) + k̂ − before − after + a",
        filled: `o' = ${s}·(${input} − 1) + ${reach} − ${signed(before)} − ${signed(after)} + ${a}`,
        o: convTransposeOutputSize([input], [k], { ...options, outputPadding: [a] })[0] ?? 0,
      }
    : {
        ...common,
        formula: 'o = ⌊(i + before + after − k̂)/s⌋ + 1',
        filled: `o = ⌊(${input} + ${signed(before)} + ${signed(after)} − ${reach})/${s}⌋ + 1`,
        o: convOutputSize([input], [k], options)[0] ?? 0,
      };
}

const signed = (number: number): string => (number < 0 ? `(−${-number})` : String(number));

export function sayings(model: Model): { readonly direction: string; readonly axes: readonly Said[] }[] {
  const { state, x, y } = model;
  const each = (transposed: boolean, of: readonly number[], rows: (axis: number) => number): Said[] =>
    of.map((size, axis) => ofAxis(state, axis, transposed, size, rows(axis)));
  if (state.op === 'transposed')
    return [{ direction: 'Transposed convolution', axes: each(true, y.space, (axis) => state.outputPadding[axis] ?? 0) }];
  const forward = { direction: 'Convolution', axes: each(false, x.space, () => 0) };
  if (state.op !== 'gradInput') return [forward];
  // What the stride leaves of the input comes back as rows of zeros.
  const rest = (axis: number): number => {
    const o = ofAxis(state, axis, true, y.space[axis] ?? 1, 0).o;
    return (x.space[axis] ?? 0) - o;
  };
  return [forward, { direction: 'Its transpose, which brings the gradient back', axes: each(true, y.space, rest) }];
}

const SENTENCE: readonly Child[] = [
  'The size of the result, as ',
  el('a', { href: 'https://arxiv.org/abs/1603.07285', rel: 'external' }, 'the guide of Dumoulin and Visin'),
  ' says it. The letters are its own: i input, o output, k kernel, s stride, p padding, d dilation, a rows added at the end.',
];

export function relationshipPanel(model: Model): HTMLElement {
  const blocks = sayings(model).map(({ direction, axes }) => {
    const isSame = axes.every((said) => said.filled === axes[0]?.filled);
    const names = axes.length === 1 ? [''] : isSame ? ['both axes: '] : ['height: ', 'width: '];
    return [
      el('h3', {}, direction),
      ...names.map((name, axis) => {
        const said = axes[axis];
        if (!said) return undefined;
        return el(
          'div',
          { class: 'saying', 'data-relationship': said.number ?? 'none', 'data-o': said.o, 'data-direction': direction },
          el(
            'p',
            {},
            el('strong', {}, `${name}${said.number === undefined ? 'No relationship' : `Relationship ${said.number}`}`),
            `: ${said.title}`,
          ),
          el('p', { class: 'formula' }, el('code', {}, said.formula)),
          el('p', { class: 'formula' }, el('code', {}, said.filled), ' = ', el('strong', { class: 'number total' }, String(said.o))),
          said.applied?.equivalent ? el('p', {}, equivalentText(said.applied.equivalent)) : undefined,
        );
      }),
    ];
  });
  return panel('Size', SENTENCE, ...blocks.flat());
}

function equivalentText({ i, zeros, p, a }: NonNullable<AppliedRelationship['equivalent']>): string {
  const between =
    zeros === 0
      ? 'no zeros between the cells of the input'
      : `${zeros} ${zeros === 1 ? 'zero' : 'zeros'} between the cells of the input, which makes it ${i} long`;
  const around = p >= 0 ? `p' = ${p} zeros on each side` : `${-p} cells less on each side`;
  return `As a direct convolution of stride 1: ${between}; ${around}${a > 0 ? `, and ${a} more at the end` : ''}.`;
}
