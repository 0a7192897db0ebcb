/** The part "Benchmark". */
import { button, copyButton } from '../ui/button.js';
import { el } from '../ui/dom.js';
import { checkbox, segmented } from '../ui/fields.js';
import { liveRegion } from '../ui/live.js';
import { digits } from '../ui/numbers.js';
import { panel } from '../ui/panel.js';
import { bars } from './bars.js';
import './benchmark.css';
import { type Choices, GROUPS, type Group, PEERS, type Peer } from './choices.js';
import type { Result } from './lane.js';
import type { Loaded, ToPage } from './protocol.js';
import { gainsOf, jsonOf } from './report.js';

export function mount(host: HTMLElement): () => void {
  const cores = navigator.hardwareConcurrency;
  const machine = { userAgent: navigator.userAgent, cores, isolated: crossOriginIsolated };
  const groups = new Set<Group>(['usual', 'transposed']);
  const peers = new Set<Peer>(['onnxruntime-web', 'tfjs-wasm']);
  let threads = 1;
  let worker: Worker | undefined;
  let loaded: Loaded | undefined;
  let chosen: Choices = { groups: [], peers: [], threads };
  let results: Result[] = [];

  const status = el('p', { class: 'status' }, 'Nothing is measured yet.');
  const problem = el('p', { class: 'error', role: 'alert', hidden: true });
  const gains = el('ul', { class: 'gains' });
  const list = el('div', { class: 'results' });
  const live = liveRegion();
  const main = button('Measure', () => (worker ? stop('Stopped.') : start()), { class: 'main' });
  const copy = copyButton('Copy as JSON', () => jsonOf(machine, chosen, loaded, results));
  copy.disabled = true;

  function start(): void {
    chosen = { groups: [...groups], peers: [...peers], threads };
    [results, loaded] = [[], undefined];
    list.replaceChildren();
    gains.replaceChildren();
    problem.hidden = true;
    copy.disabled = true;
    main.textContent = 'Stop';
    status.textContent = 'Loading …';
    worker = new Worker(new URL('./benchmark-worker.js', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<ToPage>) => receive(data));
    worker.addEventListener('error', ({ message }) => fail(message || 'the worker does not start'));
    worker.postMessage(chosen);
  }
  function stop(message: string): void {
    worker?.terminate();
    worker = undefined;
    main.textContent = 'Measure';
    status.textContent = message;
    live.say(message);
  }
  function fail(message: string): void {
    stop('Stopped.');
    problem.hidden = false;
    problem.textContent = message;
  }
  function receive(message: ToPage): void {
    if (message.kind === 'loaded') {
      loaded = message;
      status.textContent = aboutOf(message);
      const absent = Object.entries(message.absent).map(([name, reason]) => `${name} does not load: ${reason}`);
      problem.hidden = absent.length === 0;
      problem.textContent = absent.join(' ');
    } else if (message.kind === 'result') add(message.result);
    else if (message.kind === 'done') stop(`Done: ${results.length} layers. ${loaded ? aboutOf(loaded) : ''}`);
    else fail(message.message);
  }
  function add(result: Result): void {
    results.push(result);
    list.append(bars(result));
    status.textContent = `${results.length} of ${loaded?.layers.length ?? 0} layers are measured.`;
    copy.disabled = false;
    gains.replaceChildren(
      ...gainsOf(results).map(({ peer, times, layers }) =>
        el(
          'li',
          {},
          'simdconv is ',
          el('strong', {}, `${digits(times)} times`),
          ` as fast as ${peer} (geometric mean of ${layers} ${layers === 1 ? 'layer' : 'layers'})`,
        ),
      ),
    );
  }

  const boxes = <Name extends string>(of: Readonly<Record<Name, string>>, set: Set<Name>): HTMLElement[] =>
    (Object.keys(of) as Name[]).map(
      (name) =>
        checkbox({
          ...{ label: of[name], value: set.has(name) },
          onChange(value) {
            if (value) set.add(name);
            else set.delete(name);
            main.disabled = groups.size === 0;
          },
        }).element,
    );
  const threadChoice = segmented({
    label: 'Threads of each',
    choices: [
      { value: '1', label: 'one' },
      { value: String(cores), label: `${cores}` },
    ],
    value: '1',
    onChange(value) {
      threads = Number(value);
    },
  }).element;
  const oneThread = el('p', { class: 'soft' }, 'One thread: this page is not isolated from other sites, so it has no shared memory.');

  host.append(
    el(
      'div',
      { class: 'part benchmark' },
      el('h1', {}, 'Benchmark'),
      el('p', { class: 'about' }, 'Layers of well-known networks, in this browser: this library beside two others.'),
      panel(
        'What to measure',
        'Results are compared before anything is timed. Then all take turns, so that what disturbs the machine disturbs them alike.',
        el(
          'div',
          { class: 'choices' },
          el('fieldset', {}, el('legend', {}, 'Layers'), boxes(GROUPS, groups)),
          el('fieldset', {}, el('legend', {}, 'Beside simdconv'), boxes(PEERS, peers)),
          crossOriginIsolated && cores > 1 ? threadChoice : oneThread,
        ),
        el('div', { class: 'row' }, main, copy),
        status,
        el(
          'p',
          { class: 'soft' },
          'Both others are part of this page: nothing is asked of other sites. ',
          el('a', { href: './licences.txt' }, 'Their licences'),
        ),
        problem,
        live.element,
      ),
      panel(
        'Results',
        'Longer bars are faster. NCHW and NHWC are the orders of the axes: each library is compared with ours in its own. The difference is the largest from ours, beside the largest output; of ours it is from sums in float64.',
        gains,
        list,
      ),
    ),
  );
  return () => worker?.terminate();
}

function aboutOf({ info, peers }: Loaded): string {
  const threads = info.threads === 1 ? 'one thread' : `${info.threads} threads`;
  return [`simdconv ${info.version} (${info.variant}, ${threads})`, ...peers.map(({ name, version }) => `${name} ${version}`)].join(', ');
}
