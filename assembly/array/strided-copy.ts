import { addRun, bytes, copyRun } from '../base/runs';

/** From so many elements on memory.copy is quicker than a loop. */
const LONG: i32 = 1024;

/** What is copied: the sizes of four axes, the last innermost, and the step of each array along them, in elements. */
@unmanaged
export class Axes {
  planes: i32;
  slabs: i32;
  rows: i32;
  length: i32;
  fromPlane: i32;
  fromSlab: i32;
  fromRow: i32;
  fromStep: i32;
  toPlane: i32;
  toSlab: i32;
  toRow: i32;
  toStep: i32;
}

export function copyAxes(g: Axes, from: usize, to: usize): void {
  const runs = g.fromStep == 1 && g.toStep == 1;
  for (let plane = 0; plane < g.planes; plane++) {
    for (let slab = 0; slab < g.slabs; slab++) {
      let source = from + bytes(plane * g.fromPlane + slab * g.fromSlab);
      let target = to + bytes(plane * g.toPlane + slab * g.toSlab);
      const fromRow = bytes(g.fromRow);
      const toRow = bytes(g.toRow);
      const length = g.length;
      if (runs && length >= LONG)
        for (let row = g.rows; row > 0; row--, source += fromRow, target += toRow) memory.copy(target, source, bytes(length));
      else if (runs) for (let row = g.rows; row > 0; row--, source += fromRow, target += toRow) copyRun(target, source, length);
      else for (let row = g.rows; row > 0; row--, source += fromRow, target += toRow) copyEach(g, target, source);
    }
  }
}

function copyEach(g: Axes, to: usize, from: usize): void {
  const fromStep = bytes(g.fromStep);
  const toStep = bytes(g.toStep);
  for (let i = g.length; i > 0; i--, from += fromStep, to += toStep) store<i32>(to, load<i32>(from));
}

/** The adjoint of copyAxes: what stands at each copy is added to where it came from. */
export function addBackAxes(g: Axes, from: usize, to: usize): void {
  const runs = g.fromStep == 1 && g.toStep == 1;
  const fromRow = bytes(g.fromRow);
  const toRow = bytes(g.toRow);
  for (let plane = 0; plane < g.planes; plane++) {
    for (let slab = 0; slab < g.slabs; slab++) {
      let source = from + bytes(plane * g.fromPlane + slab * g.fromSlab);
      let target = to + bytes(plane * g.toPlane + slab * g.toSlab);
      for (let row = g.rows; row > 0; row--, source += fromRow, target += toRow) {
        if (runs) addRun(source, target, g.length);
        else addEach(g, source, target);
      }
    }
  }
}

function addEach(g: Axes, to: usize, from: usize): void {
  const toStep = bytes(g.fromStep);
  const fromStep = bytes(g.toStep);
  for (let i = g.length; i > 0; i--, from += fromStep, to += toStep) store<f32>(to, load<f32>(to) + load<f32>(from));
}
