import { volume } from '../geometry/index.js';
import { type View, viewWith } from './conv-view.js';
import { WINOGRAD_LATTICES } from './tiles.js';

/**
 * A line with a dilation of more lattices than Winograd's line buffer holds, as an image whose rows are as long as the dilation: what meets stands in a column there, and
 * nothing is dilated. WaveNet's layers of 32 to 512 are such. Any other view, also where a row would end within the line, is itself.
 */
export function folded(view: View): View {
  const { kernel, stride, xSize, ySize, pad, y, w } = view;
  const dilation = view.dilation[2];
  const line = volume(kernel) === kernel[2] && volume(xSize) === xSize[2] && volume(ySize) === ySize[2] && kernel[2] > 1;
  if (!line || dilation <= WINOGRAD_LATTICES || stride[2] !== 1) return view;
  const [width, outputs, before] = [xSize[2], ySize[2], pad[2]];
  if (width % dilation !== 0 || outputs % dilation !== 0 || before % dilation !== 0) return view;
  return viewWith(view, {
    xSize: [1, width / dilation, dilation],
    ySize: [1, outputs / dilation, dilation],
    kernel: [1, kernel[2], 1],
    stride: [1, 1, 1],
    dilation: [1, 1, 1],
    pad: [0, before / dilation, 0],
    y: { ...y, steps: [0, dilation * y.steps[2], y.steps[2]] },
    w: { ...w, steps: [0, w.steps[2], 0] },
  });
}
