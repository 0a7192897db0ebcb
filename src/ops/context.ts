import type { Engine, Job } from '../engine.js';
import { DisposedError, OptionError } from '../errors.js';
import { INSPECT } from '../inspect.js';
import type { Algorithm } from '../types.js';

/** Engine memory that is given back once. */
export interface Resource {
  free(): void;
}

/** An engine for as long as it lives, and what is held in its memory. */
export class Host {
  #engine: Engine | undefined;
  // The safety net: holds the resource, never its owner, and frees it when the owner has become unreachable.
  readonly #orphans = new FinalizationRegistry<Resource>((resource) => this.#free(resource));

  readonly #deterministic: boolean;

  constructor(engine: Engine, deterministic: boolean) {
    this.#engine = engine;
    this.#deterministic = deterministic;
  }

  /** What the engine is told of a call of `op`. */
  job(op: string, algorithm: Algorithm = 'auto'): Job {
    if (!this.#deterministic) return { op, algorithm };
    if (algorithm === 'winograd' || algorithm === 'fft' || algorithm === 'phases') {
      throw new OptionError(op, `algorithm is '${algorithm}'; deterministic kernels have 'auto', 'gemm' and 'direct'`);
    }
    return { op, algorithm: algorithm === 'auto' ? 'ordered' : algorithm };
  }

  get disposed(): boolean {
    return this.#engine === undefined;
  }

  /** The engine, for one call of `op`. */
  use(op: string): Engine {
    if (this.#engine === undefined) throw new DisposedError(op, 'the kernels were disposed; load them again');
    return this.#engine;
  }

  adopt(owner: object, resource: Resource): void {
    this.#orphans.register(owner, resource, owner);
  }

  release(owner: object, resource: Resource): void {
    this.#orphans.unregister(owner);
    this.#free(resource);
  }

  /** Of the engine's memory; of none once it is disposed. */
  get generation(): number {
    return this.#engine?.generation ?? -1;
  }

  /** A memory that is shared between threads has had several buffers of the same bytes. */
  owns(buffer: ArrayBufferLike): boolean {
    return this.#engine?.owns(buffer) ?? false;
  }

  dispose(): void {
    const engine = this.#engine;
    this.#engine = undefined;
    engine?.dispose();
  }

  #free(resource: Resource): void {
    if (!this.disposed) resource.free();
  }
}

/** An object that holds engine memory until it is disposed: a resident tensor or a plan. */
export abstract class Owner<R extends Resource> {
  declare readonly [Symbol.dispose]: () => void;
  readonly #host: Host;
  #resource: R | undefined;

  constructor(host: Host, resource: R) {
    this.#host = host;
    this.#resource = resource;
    host.adopt(this, resource);
  }

  /** Frees the memory. A second call, or a call after the kernels' own dispose, does nothing. */
  dispose(): void {
    const resource = this.#resource;
    this.#resource = undefined;
    if (resource !== undefined) this.#host.release(this, resource);
  }

  /** What is held, for one call of `op`. */
  protected hold(op: string): R {
    this.#host.use(op);
    if (this.#resource === undefined) throw new DisposedError(op, `${this.describe()} was disposed`);
    return this.#resource;
  }

  /** Whether there is still something to hold. */
  protected get live(): boolean {
    return this.#resource !== undefined && !this.#host.disposed;
  }

  /** What `console.log` shows. */
  [INSPECT](): string {
    return this.live ? this.inspect() : `${this.inspect()} (disposed)`;
  }

  /** In a line, also after `dispose`. */
  protected inspect(): string {
    return this.describe();
  }

  protected abstract describe(): string;
}

/** Gives `target` the method of `using`, in the runtimes that have its symbol. */
export function disposable<T extends { dispose(): void }>(target: T): T & Disposable {
  if (typeof Symbol.dispose === 'symbol') {
    Object.defineProperty(target, Symbol.dispose, {
      value(this: T) {
        this.dispose();
      },
    });
  }
  return target as T & Disposable;
}

disposable(Owner.prototype);
