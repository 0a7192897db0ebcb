/** The fields of the explorer. Each shows a part of the state and reports a changed one. */
import { el } from '../ui/dom.js';
import { checkbox, type Field, numberField, segmented, select } from '../ui/fields.js';
import { LIMITS, type Op, PER_AXIS, type PerAxisName, type State, withAxes } from './state.js';
import { FILL_CHOICES } from './values.js';

export interface Controls {
  readonly element: HTMLElement;
  /** Shows a state that came from elsewhere. */
  show(state: State): void;
}

type Change = (state: State) => void;

const OPS: readonly { readonly value: Op; readonly label: string }[] = [
  { value: 'conv', label: 'convolution' },
  { value: 'transposed', label: 'transposed' },
  { value: 'gradInput', label: 'gradient of x' },
  { value: 'gradWeight', label: 'gradient of w' },
];

const LABELS: Readonly<Record<PerAxisName, string>> = {
  input: 'input size',
  kernel: 'kernel size',
  stride: 'stride',
  dilation: 'dilation',
  before: 'padding before',
  after: 'padding after',
  outputPadding: 'output padding',
};

export function controls(first: State, change: Change): Controls {
  let state = first;
  const update: Change = (next) => {
    state = next;
    change(next);
  };
  const set =
    <K extends keyof State>(key: K): Field<State[K]>['set'] =>
    (value) =>
      update({ ...state, [key]: value });

  const op = segmented({ label: 'Operation', choices: OPS, value: state.op, onChange: set('op') });
  const axes = segmented({
    label: 'Axes',
    choices: [
      { value: '1', label: '1-D' },
      { value: '2', label: '2-D' },
    ],
    value: String(state.axes) as '1' | '2',
    onChange: (value) => update(withAxes(state, value === '1' ? 1 : 2)),
  });
  const channels = select<'1' | '2' | '2 groups'>({
    label: 'Channels and groups',
    choices: [
      { value: '1', label: '1 channel' },
      { value: '2', label: '2 channels, groups off' },
      { value: '2 groups', label: '2 channels, 2 groups' },
    ],
    value: channelsOf(state),
    onChange: (value) => update({ ...state, channels: value === '1' ? 1 : 2, groups: value === '2 groups' ? 2 : 1 }),
  });
  const fills = (['x', 'w', 'dy'] as const).map((key) => ({
    key,
    field: select({ label: `values of ${key}`, choices: FILL_CHOICES, value: state[key], onChange: set(key) }),
  }));
  const table = el('div', { class: 'sizes' });
  const isSquare = checkbox({ label: 'Both axes alike', value: isAlike(state), onChange: () => showTable() });
  const linked = (): boolean => isSquare.element.querySelector('input')?.checked ?? false;
  let shape = '';
  let fields: { readonly name: PerAxisName; readonly axis: number; readonly field: Field<number> }[] = [];

  /** One column where the axes are alike or there is one, and only what the operation has. */
  function showTable(): void {
    const columns = state.axes === 1 || linked() ? 1 : 2;
    const names = PER_AXIS.filter((name) => name !== 'outputPadding' || state.op === 'transposed');
    const wanted = `${state.axes} ${columns} ${names.length}`;
    if (wanted !== shape) {
      shape = wanted;
      ({ fields } = sizeFields(
        table,
        names,
        columns,
        () => state,
        (name, axis, value) => {
          const sizes = columns === 1 ? state[name].map(() => value) : state[name].map((old, each) => (each === axis ? value : old));
          update({ ...state, [name]: sizes });
        },
      ));
    }
    for (const { name, axis, field } of fields) field.set(state[name][axis] ?? 0);
  }

  const summary = el('summary', {}, 'Sizes and values');
  const element = el(
    'div',
    { class: 'controls panel' },
    el('div', { class: 'operations' }, op.element),
    el('div', { class: 'row' }, axes.element, channels.element),
    el(
      'details',
      { open: matchMedia('(min-width: 64rem)').matches },
      summary,
      el(
        'div',
        { class: 'stack' },
        isSquare.element,
        table,
        el(
          'div',
          { class: 'row fills' },
          fills.map(({ field }) => field.element),
        ),
      ),
    ),
  );
  const show = (next: State): void => {
    state = next;
    op.set(state.op);
    axes.set(String(state.axes) as '1' | '2');
    channels.set(channelsOf(state));
    isSquare.element.hidden = state.axes === 1;
    if (!isAlike(state)) isSquare.set(false);
    for (const { key, field } of fills) {
      field.set(state[key]);
      field.element.hidden = key === 'dy' && !state.op.startsWith('grad');
      if (key === 'x') field.element.hidden = state.op === 'gradInput' && state.times === 'dy';
    }
    showTable();
  };
  show(state);
  return { element, show };
}

const channelsOf = ({ channels, groups }: State): '1' | '2' | '2 groups' => (channels === 1 ? '1' : groups === 1 ? '2' : '2 groups');

const isAlike = (state: State): boolean => PER_AXIS.every((name) => state[name].every((size) => size === state[name][0]));

function sizeFields(
  table: HTMLElement,
  names: readonly PerAxisName[],
  columns: number,
  current: () => State,
  report: (name: PerAxisName, axis: number, value: number) => void,
): { readonly fields: { readonly name: PerAxisName; readonly axis: number; readonly field: Field<number> }[] } {
  const state = current();
  const heads = columns === 2 ? ['height', 'width'] : [''];
  const fields = names.flatMap((name) =>
    heads.map((head, axis) => ({
      name,
      axis,
      field: numberField({
        label: `${LABELS[name]} ${head}`.trim(),
        hideLabel: true,
        min: LIMITS[name].min,
        max: LIMITS[name].max[state.axes - 1] ?? 1,
        value: state[name][axis] ?? 0,
        onChange: (value) => report(name, axis, value),
      }),
    })),
  );
  table.replaceChildren(
    el(
      'table',
      {},
      columns === 2 &&
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('td'),
            heads.map((head) => el('th', { scope: 'col' }, head)),
          ),
        ),
      el(
        'tbody',
        {},
        names.map((name) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, LABELS[name]),
            fields.filter((each) => each.name === name).map(({ field }) => el('td', {}, field.element)),
          ),
        ),
      ),
    ),
  );
  return { fields };
}
