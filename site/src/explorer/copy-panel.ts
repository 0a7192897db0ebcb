/** The same layer in each framework, as a program to copy; where a framework cannot say it, why, and what does it there. */
import type { Conversion, Framework, Spec } from 'simdconv/convert';
import { copyButton } from '../ui/button.js';
import { el } from '../ui/dom.js';
import { segmented } from '../ui/fields.js';
import { panel } from '../ui/panel.js';
import { type Model, optionsOf } from './model.js';

type Convert = typeof import('simdconv/convert');

const FRAMEWORKS: readonly { readonly value: Framework; readonly label: string }[] = [
  { value: 'pytorch', label: 'PyTorch' },
  { value: 'keras', label: 'Keras' },
  { value: 'onnx', label: 'ONNX' },
  { value: 'webnn', label: 'WebNN' },
  { value: 'tfjs', label: 'TensorFlow.js' },
  { value: 'simdconv', label: 'simdconv' },
];

/** Of the whole page, so that they outlive a change of sizes. The translator is not needed to see the first picture, so it comes after it. */
let loaded: Convert | undefined;
let framework: Framework = 'pytorch';

export function specOf(convert: Convert, { state }: Pick<Model, 'state'>): Spec {
  const { axes, kernel, channels, op } = state;
  return convert.fromSimdconv({
    ...optionsOf(state),
    op: `conv${op === 'transposed' ? 'Transpose' : ''}${axes}d`,
    kernelSize: kernel,
    inChannels: channels,
    outChannels: channels,
  });
}

/** What the framework's own call is, or why it has none. */
export function converted(convert: Convert, spec: Spec, into: Framework, inputShape: readonly number[]): Conversion {
  const { toPyTorch, toKeras, toOnnx, toWebNN, toTfjs, toSimdconv } = convert;
  const to = { pytorch: toPyTorch, keras: toKeras, onnx: toOnnx, webnn: toWebNN, tfjs: toTfjs, simdconv: toSimdconv };
  return to[into](spec, inputShape);
}

export function copyPanel(model: Model): HTMLElement {
  const { state } = model;
  const body = el('div', { class: 'stack' }, el('p', {}, 'Translating …'));
  const inputShape = [1, state.channels, ...state.input];
  const show = (convert: Convert): void => body.replaceChildren(...translated(convert, specOf(convert, model), inputShape));
  const refresh = (): void => {
    if (loaded) {
      show(loaded);
      return;
    }
    import('simdconv/convert').then(
      (convert) => {
        loaded = convert;
        show(convert);
      },
      (error: unknown) => body.replaceChildren(el('p', { class: 'error' }, `The translator does not load: ${error}`)),
    );
  };
  refresh();
  const choice = segmented({
    label: 'Framework',
    hideLabel: true,
    value: framework,
    choices: FRAMEWORKS,
    onChange(next) {
      framework = next;
      refresh();
    },
  });
  const gradient = state.op === 'gradInput' || state.op === 'gradWeight';
  return panel(
    'Copy as',
    `The same ${state.op === 'transposed' ? 'transposed convolution' : 'convolution'} in each framework: padding and the order of axes differ, the result does not.${
      gradient ? ' Its gradients are what backward gives there.' : ''
    }`,
    choice.element,
    body,
  );
}

function translated(convert: Convert, spec: Spec, inputShape: readonly number[]): HTMLElement[] {
  const name = FRAMEWORKS.find(({ value }) => value === framework)?.label ?? framework;
  const conversion = converted(convert, spec, framework, inputShape);
  if ('impossible' in conversion && conversion.instead.length === 0) {
    return [el('p', { class: 'note', 'data-conversion': 'none' }, `${name} cannot: ${conversion.impossible}.`)];
  }
  const text = convert.code(spec, framework, { inputShape });
  return [
    'impossible' in conversion
      ? el(
          'p',
          { class: 'note', 'data-conversion': 'steps' },
          `No single call of ${name} does this: ${conversion.impossible}. These steps do:`,
        )
      : el('p', { class: 'right', 'data-conversion': 'call' }, `${conversion.op} does this in one call.`),
    el('pre', { class: 'code', tabindex: 0, 'aria-label': `${name} program` }, text),
    el(
      'div',
      { class: 'row' },
      copyButton('Copy the program', () => text),
    ),
  ];
}
