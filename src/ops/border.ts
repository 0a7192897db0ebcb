import type { Engine, EngineBuffer, EnginePlan, Job } from '../engine.js';
import { type Border, type Copy, forLines } from '../geometry/index.js';

/** `product` of the input, with its border where it has one: in the engine's memory for as long as that takes. The memory may have grown before `product` runs. */
export function withBorder<R>(
  engine: Engine,
  job: Job,
  border: Border | null,
  input: { readonly data: Float32Array },
  product: (x: { readonly data: Float32Array }) => R,
): R {
  if (border === null) return product(input);
  const buffer = engine.buffer(job.op, border.length);
  try {
    continueInto(engine, job, border, input.data, buffer);
    return product({
      get data() {
        return buffer.view();
      },
    });
  } finally {
    buffer.free();
  }
}

/** dx = Pᵀ of the padded gradient that `product` writes: what the border got goes back to the elements that it repeats. */
export function foldBorder(
  engine: Engine,
  job: Job,
  border: Border | null,
  dx: { readonly data: Float32Array },
  product: (dx: Float32Array) => void,
): void {
  if (border === null) {
    product(dx.data);
    return;
  }
  const buffer = engine.buffer(job.op, border.length);
  try {
    product(buffer.view());
    const padded = buffer.view();
    for (let i = border.edges.length - 1; i >= 0; i--) addBack(border.edges[i] as Copy, padded);
    const { words, from, to } = border.inside;
    const [sizes, xSteps, steps] = [words.slice(0, 4), words.slice(4, 8), words.slice(8)];
    const result = dx.data;
    if (sizes.reduce((product, size) => product * size, 1) < result.length) result.fill(0); // where a crop took something away
    engine.copy({ words: [...sizes, ...steps, ...xSteps], from: to, to: from }, padded, result, job);
  } finally {
    buffer.free();
  }
}

/** A plan over the padded input as a plan over the input; it keeps the room for the former. */
export function planWithBorder(engine: Engine, job: Job, border: Border | null, plan: EnginePlan): EnginePlan {
  if (border === null) return plan;
  let buffer: EngineBuffer;
  try {
    buffer = engine.buffer(job.op, border.length);
  } catch (error) {
    plan.free();
    throw error;
  }
  return {
    algorithm: plan.algorithm,
    bytes: plan.bytes + buffer.bytes,
    run(input, output) {
      const { byteOffset, length } = output;
      const { generation } = engine;
      continueInto(engine, job, border, input, buffer);
      plan.run(buffer.view(), engine.attach(output, byteOffset, length, generation));
    },
    free() {
      plan.free();
      buffer.free();
    },
  };
}

/** P x: into its place, then what continues it. */
function continueInto(engine: Engine, job: Job, { inside, edges }: Border, x: Float32Array, padded: EngineBuffer): void {
  engine.copy(inside, x, padded.view(), job);
  const view = padded.view();
  for (const edge of edges) engine.copy(edge, view, view, job);
}

/** Adds to each element that was copied what stands at its copy. */
function addBack(copy: Copy, data: Float32Array): void {
  forLines(copy, (from, to, count, fromStep, toStep) => {
    for (let i = 0, a = from, b = to; i < count; i++, a += fromStep, b += toStep) data[a] = (data[a] as number) + (data[b] as number);
  });
}
