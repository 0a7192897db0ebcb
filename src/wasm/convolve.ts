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

/** On the threads, if they gain by it and are `allowed`. `places`: the operands, of which some are copied in or out. */
export function roomOf(instance: Instance, program: Program, places: readonly Place[], allowed = true): Room {
  const schedule = allowed ? instance.scheduleOf(program, false) : undefined;
  return roomWith(instance, program, schedule && instance.worthSharing(schedule.saved, ...places) ? schedule : undefined);
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
  const places = [from, given, added, to];
  const wanted = roomOf(instance, program, places);
  const room = fits(instance, wanted.packed + wanted.scratch, borders, places) ? wanted : roomOf(instance, program, places, false);
  const { schedule, packed: packedBytes, scratch: scratchBytes } = room;
  const run: Kernel = (pf, pw, bias, pt, packed) => {
    const scratch = scratchBytes > 0 ? packed + packedBytes : workspace;
    const finish = finishOf(epilogue, bias);
    if (program.unlessFinite && !allFinite(instance, pw, given.length)) runPlain(instance, program.unlessFinite, pf, pw, pt, finish);
    else if (schedule) {
      runProgram(instance, program, schedule, pf, weightsOf(instance, program, pw, packed, scratch), pt, finish, scratch);
    } else runInTurn(instance, program, pf, pw, pt, finish, packed, scratch);
  };
  const bytes = packedBytes + scratchBytes;
  if (borders) instance.callWithin(borders, op, from, given, added, to, bytes, run);
  else instance.call(op, from, given, added, to, bytes, run);
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
export function wgradRoomOf(instance: Instance, program: WgradProgram, places: readonly Place[], allowed = true): WgradRoom {
  const scratch = align(WGRADS[program.kernel].scratchBytes(instance.kernels));
  const schedule = allowed ? instance.wgradScheduleOf(program, true) : undefined;
  const shared = schedule !== undefined && instance.worthSharing(schedule.saved, ...places);
  return { shared, scratch: shared ? scratch * instance.workspaces : scratch };
}

/** Where only this thread computes it is not asked: the call will say that it does not fit. */
function fits(instance: Instance, bytes: number, borders: Borders | undefined, places: readonly Place[]): boolean {
  if (instance.threads === 1) return true;
  const others = places.reduce((sum, place) => sum + roomFor(place), borders ? roomForBorders(borders) : 0);
  return instance.memory.canReserve(others + bytes);
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
  const places = [x, y, dw];
  const wanted = wgradRoomOf(instance, program, places);
  const { shared, scratch: room } = fits(instance, wanted.scratch, borders, places)
    ? wanted
    : wgradRoomOf(instance, program, places, false);
  const run: Kernel = (px, py, _, to, scratch) => runWgrad(instance, program, px, py, to, room > 0 ? scratch : instance.workspace, shared);
  if (borders) instance.callWithin(borders, op, x, y, ABSENT, dw, room, run);
  else instance.call(op, x, y, ABSENT, dw, room, run);
}
