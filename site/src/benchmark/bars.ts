/** A layer's lanes as bars, with the numbers that they stand for. */
import { el } from '../ui/dom.js';
import { digits, scientific } from '../ui/numbers.js';
import { type Lane, OURS, type Result, titleOf } from './lane.js';

const HEADS = ['Who', 'GFLOP/s', '', 'ms', 'Difference'] as const;

export function bars({ name, lanes, macs }: Result): HTMLElement {
  const fastest = Math.max(...lanes.map(({ gflops = 0 }) => gflops));
  return el(
    'table',
    { class: 'bars' },
    el('caption', {}, el('h3', {}, titleOf(name)), el('span', { class: 'soft' }, `${digits((2 * macs) / 1e6)} million operations`)),
    el('thead', {}, el('tr', {}, ...HEADS.map((text) => (text ? el('th', { scope: 'col' }, text) : el('td', { class: 'track-cell' }))))),
    el(
      'tbody',
      {},
      lanes.map((lane) => row(lane, fastest)),
    ),
  );
}

function row({ name, layout, refused, gflops, milliseconds, difference }: Lane, fastest: number): HTMLElement {
  const who = el('th', { scope: 'row' }, name, ' ', el('span', { class: 'soft' }, layout === 'channels-first' ? 'NCHW' : 'NHWC'));
  if (refused !== undefined || gflops === undefined || milliseconds === undefined) {
    return el('tr', { 'data-lane': name }, who, el('td', { colspan: 4, class: 'soft refused' }, refused ?? 'not timed'));
  }
  const shown = el(
    'tr',
    { 'data-lane': name, class: name === OURS ? 'ours' : undefined },
    who,
    el('td', { class: 'number' }, digits(gflops)),
    el('td', { class: 'track-cell' }, el('div', { class: 'bar' })),
    el('td', { class: 'number' }, digits(milliseconds)),
    el('td', { class: 'number' }, difference === undefined ? '' : scientific(difference)),
  );
  shown.style.setProperty('--share', `${(100 * gflops) / fastest}%`);
  return shown;
}
