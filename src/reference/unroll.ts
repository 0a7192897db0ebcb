import { type ConvGeometry, volume } from '../geometry/index.js';
import { perOutput, perTap, xByTap, yOverInput } from './meeting.js';

/** columns[n, c·T + t, o] = x[n, c, p(o, t)], zero in the padding. */
export function im2col(g: ConvGeometry, x: Float32Array, columns: Float32Array): void {
  const [outputs, taps] = [volume(g.ySize), volume(g.kernel)];
  const xs = perOutput(g);
  for (let t = 0; t < taps; t++) {
    xByTap(g, t, xs);
    for (let n = 0; n < g.batch; n++) {
      for (let c = 0; c < g.xChannels; c++) {
        const xAt = n * g.x.batch + c * g.x.channel;
        const row = ((n * g.xChannels + c) * taps + t) * outputs;
        for (let o = 0; o < outputs; o++) {
          const p = xs[o] as number;
          columns[row + o] = p < 0 ? 0 : (x[xAt + p * g.x.space] as number);
        }
      }
    }
  }
}

/** x[n, c, p] = Σ over t of columns[n, c·T + t, o(p, t)], over the entries that im2col read from p. */
export function col2im(g: ConvGeometry, columns: Float32Array, x: Float32Array): void {
  const [inputs, outputs, taps] = [volume(g.xSize), volume(g.ySize), volume(g.kernel)];
  const ys = perTap(g);
  for (let p = 0; p < inputs; p++) {
    yOverInput(g, p, ys);
    for (let n = 0; n < g.batch; n++) {
      for (let c = 0; c < g.xChannels; c++) {
        const rows = (n * g.xChannels + c) * taps;
        let sum = 0;
        for (let t = 0; t < taps; t++) {
          const o = ys[t] as number;
          if (o >= 0) sum += columns[(rows + t) * outputs + o] as number;
        }
        x[n * g.x.batch + c * g.x.channel + p * g.x.space] = sum;
      }
    }
  }
}
