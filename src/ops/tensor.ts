import type { EngineBuffer } from '../engine.js';
import { checkShape, show, sizeOf } from '../geometry/index.js';
import { excerpt } from '../inspect.js';
import type { Kernels, ResidentTensor } from '../types.js';
import { checkFloats, checkLength, Operand } from './arguments.js';
import { type Host, Owner } from './context.js';

class Resident extends Owner<EngineBuffer> implements ResidentTensor {
  readonly shape: readonly number[];
  readonly bytes: number;

  constructor(host: Host, buffer: EngineBuffer, shape: readonly number[]) {
    super(host, buffer);
    this.shape = Object.freeze([...shape]);
    this.bytes = buffer.bytes;
  }

  get data(): Float32Array {
    return this.hold('tensor.data').view();
  }

  toJSON(): { data: (number | string)[]; shape: number[] } {
    const { data } = this;
    // JSON has no NaN and no infinity, and would write null for them, which is read back as 0.
    return { data: Array.from(data, (value) => (Number.isFinite(value) ? value : String(value))), shape: [...this.shape] };
  }

  protected override inspect(): string {
    return `ResidentTensor ${show(this.shape)}${this.live ? ` ${excerpt(this.data)}` : ''}`;
  }

  protected describe(): string {
    return `the tensor ${show(this.shape)}`;
  }
}

export function tensorOp(host: Host): Kernels['tensor'] {
  const op = 'tensor';
  return (shape, data) => {
    const engine = host.use(op);
    const sizes = checkShape(op, 'shape', shape);
    if (data !== undefined) {
      checkFloats(op, 'data', data);
      checkLength(host, op, 'data', data, sizes);
    }
    const source = data && new Operand(host, op, 'data', sizes, data); // may be a view of the memory that is about to grow
    const buffer = engine.buffer(op, sizeOf(sizes));
    if (source) buffer.view().set(source.data);
    return new Resident(host, buffer, sizes);
  };
}
