/** The parts of the page. Each is loaded when it is first shown. */

/** Shows a part inside `host`; what it returns takes it away again. */
export type Mount = (host: HTMLElement) => () => void;

export interface Part {
  /** In the address: `#/<id>`. */
  readonly id: string;
  readonly title: string;
  readonly load: () => Promise<{ readonly mount: Mount }>;
}

export const PARTS: readonly [Part, ...Part[]] = [
  { id: 'explorer', title: 'Explorer', load: () => import('./explorer/index.js') },
  { id: 'picture', title: 'On a picture', load: () => import('./picture/index.js') },
  { id: 'training', title: 'Training', load: () => import('./training/index.js') },
  { id: 'benchmark', title: 'Benchmark', load: () => import('./benchmark/index.js') },
];
