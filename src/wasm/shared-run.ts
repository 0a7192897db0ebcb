/** Programs run on an instance: by this thread alone, or their parts put down for all threads of its pool. */
import { type Finish, type Method, type Weight, WGRADS, type WgradMethod } from './algorithms.js';
import type { View } from './conv-view.js';
import type { Instance } from './instance.js';
import { align } from './memory/memory.js';
import { OVERHEAD } from './overhead.js';
import type { Schedule } from './schedule.js';
import type { Program, WgradProgram } from './select.js';
import type { Part } from './split.js';

/** Values that no cache near the core holds. */
const FAR = 2 ** 18;

/** A program's views one after the other, or, with a schedule, all their parts on the threads; `scratch` is of each thread. `weights` are of the views. */
export function runProgram(
  instance: Instance,
  { method, views }: Program,
  schedule: Schedule | undefined,
  from: number,
  weights: readonly Weight[],
  to: number,
  finish: Finish,
  scratch: number,
): void {
  const { kernels, pool } = instance;
  if (pool === undefined || schedule === undefined) {
    for (let index = 0; index < views.length; index++) {
      const view = views[index] as View;
      method.run(kernels, instance.write(view), from, weights[index] as Weight, to + view.yOffset * 4, finish, scratch);
    }
    return;
  }
  pool.workspaces(scratch === instance.workspace ? undefined : align(method.scratchBytes(kernels)));
  let item = 0;
  for (let index = 0; index < views.length; index++) {
    const whole = views[index] as View;
    const weight = weights[index] as Weight;
    const packedGroup = weight.packed > 0 ? method.packedBytes(kernels, whole) / whole.groups : 0;
    const spareGroup = weight.spare > 0 ? (method.spare as Method).packedBytes(kernels, whole) / whole.groups : 0;
    for (const { view, xOffset, xChannel, yChannel, group } of schedule.parts[index] as readonly Part[]) {
      const own = {
        plain: weight.plain && weight.plain + (view.wOffset - whole.wOffset) * 4,
        packed: weight.packed && weight.packed + group * packedGroup,
        spare: weight.spare && weight.spare + group * spareGroup,
      };
      const [x, y] = [xOffset * 4, view.yOffset * 4];
      const bias = finish.bias && finish.bias + (method.adjoint ? xChannel : yChannel) * 4;
      const g = instance.writeItem(item++, view);
      method.run(pool.record, g, from + (method.adjoint ? y : x), own, to + (method.adjoint ? x : y), { ...finish, bias }, scratch);
    }
  }
  pool.run();
}

/** A gradient of the weight. `scratch` is of the program's own kernel: of each thread, where it may be `shared`. */
export function runWgrad(
  instance: Instance,
  program: WgradProgram,
  x: number,
  y: number,
  dw: number,
  scratch: number,
  shared: boolean,
): void {
  const { kernels, pool, workspace } = instance;
  const [view] = program.views;
  const g = instance.write(view);
  const chosen: WgradMethod = WGRADS[program.kernel];
  const serves = chosen.serves === undefined || chosen.serves(kernels, g, x, y, scratch);
  const method: WgradMethod = serves ? chosen : WGRADS.wgrad;
  const own = serves ? scratch : workspace;
  const schedule = pool && shared ? instance.wgradScheduleOf(program, serves) : undefined;
  if (pool === undefined || schedule === undefined) {
    method.run(kernels, g, x, y, dw, own);
    return;
  }
  pool.workspaces(own === workspace ? undefined : align(method.scratchBytes(kernels)));
  (schedule.parts[0] as readonly Part[]).forEach((part, item) => {
    const at = instance.writeItem(item, part.view);
    method.run(pool.record, at, x + part.xOffset * 4, y + part.view.yOffset * 4, dw + part.view.wOffset * 4, own);
  });
  pool.run();
}

/** Whether all of so many values are. */
export function allFinite(instance: Instance, from: number, count: number): boolean {
  const { kernels, pool, threads } = instance;
  if (pool === undefined || threads === 1 || (count < FAR && OVERHEAD.small > 0)) return Boolean(kernels.allFinite(from, count));
  const step = Math.ceil(count / threads);
  for (let first = 0; first < count; first += step) pool.record.allFinite(from + first * 4, Math.min(step, count - first));
  pool.run();
  for (let item = 0; item * step < count; item++) if (pool.resultOf(item) === 0) return false;
  return true;
}

/**
 * Packs the weights of a program's views, and of its spare method, each to a place of its own, a few channels at a time where it may be `shared` between threads: then
 * `scratch` is of each.
 */
export function packWeights(
  instance: Instance,
  { method, views }: Program,
  w: number,
  places: readonly Weight[],
  scratch: number,
  shared: boolean,
): void {
  const { kernels, pool, sharing, workspace } = instance;
  if (pool === undefined || sharing === undefined || instance.threads === 1 || !shared) {
    views.forEach((view, index) => {
      const { packed, spare } = places[index] as Weight;
      const [g, plain] = [instance.write(view), w + view.wOffset * 4];
      method.pack(kernels, g, plain, packed, scratch);
      if (spare > 0) method.spare?.pack(kernels, g, plain, spare, workspace);
    });
    return;
  }
  const circumstances = instance.circumstances(true);
  const step = scratch === workspace ? undefined : align(method.scratchBytes(kernels));
  let item = 0;
  views.forEach((whole, index) => {
    const { packed, spare } = places[index] as Weight;
    for (const { view, group } of sharing.packingOfView(method, whole, views.length, circumstances)) {
      if (pool.room < 2) {
        pool.run();
        item = 0;
      }
      const [g, plain] = [instance.writeItem(item++, view), w + view.wOffset * 4];
      pool.workspaces(step);
      method.pack(pool.record, g, plain, packed + group * (method.packedBytes(kernels, whole) / whole.groups), scratch);
      if (spare === 0 || !method.spare) continue;
      pool.workspaces();
      method.spare.pack(pool.record, g, plain, spare + group * (method.spare.packedBytes(kernels, whole) / whole.groups), workspace);
    }
  });
  pool.run();
}
