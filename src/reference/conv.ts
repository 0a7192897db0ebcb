import type { Epilogue } from '../engine.js';
import { type ConvGeometry, volume } from '../geometry/index.js';
import { finish } from './epilogue.js';
import { perOutput, perTap, xByTap, xUnderOutput, yOverInput } from './meeting.js';

/*
 * The three products from their definition. A group's channels are y channels [group·O, group·O + O) and x channels
 * [group·I, group·I + I). Every result is one float64 sum, rounded when it is stored.
 */

/** y[n, m, o] = Σ over (c, t) of x[n, c, p(o, t)] · w[m, c, t]; a padded position is a zero that is multiplied. */
export function fprop(g: ConvGeometry, x: Float32Array, w: Float32Array, y: Float32Array, epilogue: Epilogue): void {
  const [outputs, taps] = [volume(g.ySize), volume(g.kernel)];
  const [I, O] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const [xStep, yStep, wStep] = [g.x.space, g.y.space, g.w.tap];
  const xs = perTap(g);
  for (let o = 0; o < outputs; o++) {
    xUnderOutput(g, o, xs);
    for (let n = 0; n < g.batch; n++) {
      for (let m = 0; m < g.yChannels; m++) {
        const firstX = Math.floor(m / O) * I;
        let sum = 0;
        for (let c = 0; c < I; c++) {
          const xAt = n * g.x.batch + (firstX + c) * g.x.channel;
          const wAt = m * g.w.y + c * g.w.x;
          for (let t = 0; t < taps; t++) {
            const p = xs[t] as number;
            const value = p < 0 ? 0 : (x[xAt + p * xStep] as number);
            sum += value * (w[wAt + t * wStep] as number);
          }
        }
        y[n * g.y.batch + m * g.y.channel + o * yStep] = finish(epilogue, m, sum);
      }
    }
  }
}

/** x[n, c, p] = Σ over (m, t) of y[n, m, o(p, t)] · w[m, c, t], over the pairs that meet p: no other contributes. */
export function dgrad(g: ConvGeometry, y: Float32Array, w: Float32Array, x: Float32Array, epilogue: Epilogue): void {
  const [inputs, taps] = [volume(g.xSize), volume(g.kernel)];
  const [I, O] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const [xStep, yStep, wStep] = [g.x.space, g.y.space, g.w.tap];
  const ys = perTap(g);
  for (let p = 0; p < inputs; p++) {
    yOverInput(g, p, ys);
    for (let n = 0; n < g.batch; n++) {
      for (let c = 0; c < g.xChannels; c++) {
        const firstY = Math.floor(c / I) * O;
        let sum = 0;
        for (let m = firstY; m < firstY + O; m++) {
          const yAt = n * g.y.batch + m * g.y.channel;
          const wAt = m * g.w.y + (c % I) * g.w.x;
          for (let t = 0; t < taps; t++) {
            const o = ys[t] as number;
            if (o >= 0) sum += (y[yAt + o * yStep] as number) * (w[wAt + t * wStep] as number);
          }
        }
        x[n * g.x.batch + c * g.x.channel + p * xStep] = finish(epilogue, c, sum);
      }
    }
  }
}

/** dw[m, c, t] = Σ over (n, o) of x[n, c, p(o, t)] · y[n, m, o]; a padded position is a zero that is multiplied. */
export function wgrad(g: ConvGeometry, x: Float32Array, y: Float32Array, dw: Float32Array): void {
  const [outputs, taps] = [volume(g.ySize), volume(g.kernel)];
  const [I, O] = [g.xChannels / g.groups, g.yChannels / g.groups];
  const [xStep, yStep, wStep] = [g.x.space, g.y.space, g.w.tap];
  const xs = perOutput(g);
  for (let t = 0; t < taps; t++) {
    xByTap(g, t, xs);
    for (let m = 0; m < g.yChannels; m++) {
      const firstX = Math.floor(m / O) * I;
      for (let c = 0; c < I; c++) {
        let sum = 0;
        for (let n = 0; n < g.batch; n++) {
          const xAt = n * g.x.batch + (firstX + c) * g.x.channel;
          const yAt = n * g.y.batch + m * g.y.channel;
          for (let o = 0; o < outputs; o++) {
            const p = xs[o] as number;
            const value = p < 0 ? 0 : (x[xAt + p * xStep] as number);
            sum += value * (y[yAt + o * yStep] as number);
          }
        }
        dw[m * g.w.y + c * g.w.x + t * wStep] = sum;
      }
    }
  }
}
