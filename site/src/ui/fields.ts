/** Labelled fields. Each is an element, and `set` shows a value without calling back. */
import { type Child, el, uniqueId } from './dom.js';

export interface Field<T> {
  readonly element: HTMLElement;
  set(value: T): void;
}

export interface NumberOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  /** The label is read out but not shown, as in a table whose headings say it. */
  readonly hideLabel?: boolean;
  onChange(value: number): void;
}

/** A number that is typed or stepped. What is out of range or no number is not reported. */
export function numberField({ label, min, max, step = 1, value, hideLabel = false, onChange }: NumberOptions): Field<number> {
  const id = uniqueId('number');
  const input = el('input', {
    id,
    type: 'number',
    inputmode: 'numeric',
    min,
    max,
    step,
    value,
    'aria-label': hideLabel ? label : undefined,
  });
  input.addEventListener('input', () => {
    const next = input.valueAsNumber;
    const isValid = next >= min && next <= max && (step !== 1 || Number.isInteger(next));
    input.setAttribute('aria-invalid', String(!isValid));
    if (isValid) onChange(next);
  });
  const element = hideLabel ? input : el('div', { class: 'field' }, el('label', { for: id }, label), input);
  return {
    element,
    set(next) {
      if (input.valueAsNumber !== next) input.value = String(next);
      input.setAttribute('aria-invalid', 'false');
    },
  };
}

/** A number on a scale, with its value beside it. */
export function slider(options: NumberOptions & { show?(value: number): string }): Field<number> {
  const { label, min, max, step = 1, value, hideLabel = false, onChange, show = String } = options;
  const id = uniqueId('slider');
  const input = el('input', { id, type: 'range', min, max, step, value });
  const output = el('output', { for: id }, show(value));
  const tell = (next: number): void => {
    output.textContent = show(next);
    input.setAttribute('aria-valuetext', show(next));
  };
  input.addEventListener('input', () => {
    tell(input.valueAsNumber);
    onChange(input.valueAsNumber);
  });
  tell(value);
  return {
    element: el('div', { class: 'field slider' }, el('label', { for: id, class: hideLabel ? 'hidden' : undefined }, label), input, output),
    set(next) {
      input.value = String(next);
      tell(next);
    },
  };
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface ChoiceOptions<T extends string> {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly hideLabel?: boolean;
  onChange(value: T): void;
}

/** One of many, from a list that opens; groups have a heading each. */
export function select<T extends string>({
  label,
  choices,
  groups = [],
  value,
  hideLabel = false,
  onChange,
}: ChoiceOptions<T> & { readonly groups?: readonly { readonly label: string; readonly choices: readonly Choice<T>[] }[] }): Field<T> {
  const id = uniqueId('select');
  const options = (of: readonly Choice<T>[]): Child[] => of.map((choice) => el('option', { value: choice.value }, choice.label));
  const list = el(
    'select',
    { id },
    options(choices),
    groups.map((group) => el('optgroup', { label: group.label }, options(group.choices))),
  );
  list.value = value;
  list.addEventListener('change', () => onChange(list.value as T));
  return {
    element: el('div', { class: 'field' }, el('label', { for: id, class: hideLabel ? 'hidden' : undefined }, label), list),
    set: (next) => {
      list.value = next;
    },
  };
}

/** One of a few, all in sight: radio buttons that look like one control. */
export function segmented<T extends string>({ label, choices, value, hideLabel = false, onChange }: ChoiceOptions<T>): Field<T> {
  const name = uniqueId('segment');
  const inputs = choices.map((choice) => {
    const input = el('input', { type: 'radio', name, value: choice.value, checked: choice.value === value });
    input.addEventListener('change', () => onChange(choice.value));
    return { input, element: el('label', {}, input, el('span', {}, choice.label)) };
  });
  const element = el(
    'fieldset',
    { class: 'segmented' },
    el('legend', { class: hideLabel ? 'hidden' : undefined }, label),
    el(
      'div',
      {},
      inputs.map((each) => each.element),
    ),
  );
  return {
    element,
    set(next) {
      for (const { input } of inputs) input.checked = input.value === next;
    },
  };
}

export interface CheckOptions {
  readonly label: string;
  readonly value: boolean;
  onChange(value: boolean): void;
}

export function checkbox({ label, value, onChange }: CheckOptions): Field<boolean> {
  const input = el('input', { type: 'checkbox', checked: value });
  input.addEventListener('change', () => onChange(input.checked));
  return {
    element: el('label', { class: 'check' }, input, el('span', {}, label)),
    set: (next) => {
      input.checked = next;
    },
  };
}
