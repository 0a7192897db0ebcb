/** The list of presets, and the steps and the text of the one that is shown. */
import { el } from '../ui/dom.js';
import { segmented, select } from '../ui/fields.js';
import { PRESETS, type Preset, type Step } from './presets.js';
import { type State, sameState } from './state.js';

export interface PresetBar {
  readonly element: HTMLElement;
  show(state: State): void;
}

const OWN = 'own';

/** The step of a preset that a state is. */
export function presetOf(state: State): { readonly preset: Preset; readonly step: Step } | undefined {
  for (const preset of PRESETS) {
    const step = preset.steps.find((each) => sameState(each.state, state));
    if (step) return { preset, step };
  }
  return undefined;
}

export function presetBar(state: State, choose: (step: Step) => void): PresetBar {
  const groups = [...new Set(PRESETS.map(({ group }) => group))].map((label) => ({
    label,
    choices: PRESETS.filter(({ group }) => group === label).map((preset) => ({ value: preset.id, label: preset.label })),
  }));
  const list = select<string>({
    label: 'Show',
    choices: [{ value: OWN, label: 'your own sizes' }],
    groups,
    value: OWN,
    onChange(id) {
      const preset = PRESETS.find((each) => each.id === id);
      if (preset) choose(preset.steps[0]);
    },
  });
  const about = el('div', { class: 'story' });
  const show = (next: State): void => {
    const found = presetOf(next);
    list.set(found?.preset.id ?? OWN);
    const steps = found?.preset.steps ?? [];
    const focused = about.contains(document.activeElement);
    about.replaceChildren(
      ...(steps.length > 1
        ? [
            segmented<string>({
              label: 'Steps of this preset',
              hideLabel: true,
              choices: steps.map(({ label }) => ({ value: label, label })),
              value: found?.step.label ?? '',
              onChange(label) {
                const step = steps.find((each) => each.label === label);
                if (step) choose(step);
              },
            }).element,
          ]
        : []),
      el('p', {}, found?.step.text ?? 'The address of this page keeps what you see, so you can send it.'),
    );
    if (focused) about.querySelector<HTMLInputElement>('input:checked')?.focus();
  };
  show(state);
  return { element: el('div', { class: 'presets panel' }, list.element, about), show };
}
