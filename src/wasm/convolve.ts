/** A call of a convolution or a gradient: its weight as it lies, packed on the way where the method needs it, in room that is made for the call. */
import type { Epilogue } from '../engine.js';
import { type Finish, type Weight, WGRADS } from './algorithms.js';
import type { View } from './conv-view.js';
import { type Borders, finishOf, type Instance, type Kernel, roomForBorders } from './instance.js';
import { ABSENT, align, type Place, roomFor } from './memory/memory.js';
import type { Schedule } from './schedule.js';
import type { Program, WgradProgram } from './select.js';
import { allFinite, packWeights, runProgram, runWgrad } from './shared-run.js';

/** Bytes of the arena that a program takes beside its operands, and its schedule: none where this thread runs it alone. */
interface Room {
  readonly schedule: Schedule | undefined;
  /** Of packed weights, where the method takes them packed only: of one view after another, for threads of all views. */
  readonly packed: number;
  /** Of the method, for threads of each. */
  readonly scratch: number;
}

/** On the threads, if they gain by it and there is room for that beside the operands, of which others are at `places`. */
export function roomOf(instance: Instance, program: Program, others: number, ...places: readonly Place[]): Room {
  const schedule = instance.scheduleOf(program, false);
  if (schedule && instance.worthSharing(schedule.saved, ...places)) {
    const room = roomWith(instance, program, schedule);
    const operands = places.reduce((sum, place) => sum + roomFor(place), others);
    if (instance.memory.canReserve(operands + room.packed + room.scratch)) return room;
  }
  return roomWith(instance, program, undefined);
}

function roomWith({ kernels, workspaces }: Instance, { method, views }: Program, schedule: Schedule | undefined): Room {
  const scratch = align(method.scratchBytes(kernels)) * (schedule ? workspaces : 1);
  if (method.plain) return { schedule, packed: 0, scratch };
  const add = (room: number, view: View): number => {
    const bytes = align(method.packedBytes(kernels, view));
    return schedule ? room + bytes : Math.max(room, bytes);
  };
  return { schedule, packed: views.reduce(add, 0), scratch };
}

export function convolve(
  instance: Instance,
  program: Program,
  from: Place,
  w: Float32Array,
  to: Place,
  epilogue: Epilogue,
  op: string,
  borders: Borders | undefined,
): void {
  const { workspace, memory } = instance;
  const [given, added] = [memory.place(w), memory.place(epilogue.bias)];
  const others = borders ? roomForBorders(borders) : 0;
  const { schedule, packed: packedBytes, scratch: scratchBytes } = roomOf(instance, program, others, from, given, added, to);
  const run: Kernel = (pf, pw, bias, pt, packed) => {
    const scratch = scratchBytes > 0 ? packed + packedBytes : workspace;
    const finish = finishOf(epilogue, bias);
    if (program.unlessFinite && !allFinite(instance, pw, given.length)) runPlain(instance, program.unlessFinite, pf, pw, pt, finish);
    else if (schedule) {
      runProgram(instance, program, schedule, pf, weightsOf(instance, program, pw, packed, scratch), pt, finish, scratch);
    } else runInTurn(instance, program, pf, pw, pt, finish, packed, scratch);
  };
  const room = packedBytes + scratchBytes;
  if (borders) instance.callWithin(borders, op, from, given, added, to, room, run);
  else instance.call(op, from, given, added, to, room, run);
}

/** What replaces a program if the weight is not finite: it reads that as it lies. */
function runPlain(instance: Instance, program: Program, from: number, w: number, to: number, finish: Finish): void {
  const weights = program.views.map((view) => ({ plain: w + view.wOffset * 4, packed: 0, spare: 0 }));
  runProgram(instance, program, instance.scheduleOf(program, false), from, weights, to, finish, instance.workspace);
}

/** One view after another, each with its weight packed in the same place. */
function runInTurn(
  instance: Instance,
  { method, views }: Program,
  from: number,
  w: number,
  to: number,
  finish: Finish,
  packed: number,
  scratch: number,
): void {
  const { kernels } = instance;
  for (const view of views) {
    const g = instance.write(view);
    const plain = w + view.wOffset * 4;
    if (!method.plain) method.pack(kernels, g, plain, packed, scratch);
    const weight = { plain, packed: method.plain ? 0 : packed, spare: 0 };
    method.run(kernels, g, from, weight, to + view.yOffset * 4, finish, scratch);
  }
}

/** Each view's weight, packed in places of their own where the method needs it. */
function weightsOf(instance: Instance, program: Program, w: number, to: number, scratch: number): Weight[] {
  const { method, views } = program;
  let next = to;
  const weights = views.map((view): Weight => {
    const plain = w + view.wOffset * 4;
    if (method.plain) return { plain, packed: 0, spare: 0 };
    const packed = next;
    next += align(method.packedBytes(instance.kernels, view));
    return { plain, packed, spare: 0 };
  });
  if (!method.plain) packWeights(instance, program, w, weights, scratch, true);
  return weights;
}

interface WgradRoom {
  readonly shared: boolean;
  readonly scratch: number;
}

/** As `roomOf` has it. */
export function wgradRoomOf(instance: Instance, program: WgradProgram, others: number, ...places: readonly Place[]): WgradRoom {
  const scratch = align(WGRADS[program.kernel].scratchBytes(instance.kernels));
  const schedule = instance.wgradScheduleOf(program, true);
  if (schedule === undefined || !instance.worthSharing(schedule.saved, ...places)) return { shared: false, scratch };
  const several = scratch * instance.workspaces;
  const operands = places.reduce((sum, place) => sum + roomFor(place), others);
  const shared = scratch === 0 || instance.memory.canReserve(operands + several);
  return { shared, scratch: shared ? several : scratch };
}

export function weightGradient(
  instance: Instance,
  program: WgradProgram,
  x: Place,
  y: Place,
  dw: Place,
  op: string,
  borders: Borders | undefined,
): void {
  const { shared, scratch: room } = wgradRoomOf(instance, program, borders ? roomForBorders(borders) : 0, x, y, dw);
  const run: Kernel = (px, py, _, to, scratch) => runWgrad(instance, program, px, py, to, room > 0 ? scratch : instance.workspace, shared);
  if (borders) instance.callWithin(borders, op, x, y, ABSENT, dw, room, run);
  else instance.call(op, x, y, ABSENT, dw, room, run);
}
