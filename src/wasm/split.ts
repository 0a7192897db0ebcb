/**
 * A view in parts that share nothing but what they read: each writes results of its own, and every result is summed as in the whole, so that the parts give the bits of the whole
 * in any order, or at the same time on memories that are shared. Nothing is ever cut along what is summed over.
 */
import { type View, viewWith } from './conv-view.js';

/** What a view can be cut along. Rows and columns are those of y; channels are y's and inputs x's, of a view with one group; the kernel is cut between its rows, of one in two dimensions. */
export type Cut = 'batch' | 'groups' | 'rows' | 'columns' | 'channels' | 'inputs' | 'kernel';

export interface Part {
  /** Its weight and its y begin at wOffset and yOffset, as a view's do. */
  readonly view: View;
  /** Elements from where the whole's x begins. */
  readonly xOffset: number;
  /** Its first channels, where a bias of either begins, and its first group. */
  readonly xChannel: number;
  readonly yChannel: number;
  readonly group: number;
}

/**
 * At most `parts` parts along `cut`, about as large as each other. A grain is not cut through: Winograd's tiles of outputs, which are laid from the first row and column
 * on, and of a packed weight the tile of channels.
 *
 * What test/kernels/parts-same-bits.test.ts shows to the bit is what schedule.ts cuts: fprop and dgrad along all but inputs, which they sum over; dgrad by columns between
 * images, groups and inputs; wgrad between groups and channels, by GEMM also between inputs in channels-first and rows of the kernel in channels-last, of a depthwise one in
 * channels-last between eights of groups with at least four in the last part.
 */
export function cutAlong(view: View, cut: Cut, parts: number, grain = 1): Part[] {
  const grains = Math.ceil(sizeAlong(view, cut) / grain);
  const count = Math.max(1, Math.min(parts, grains));
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * grains) / count) * grain;
    const to = Math.min(sizeAlong(view, cut), Math.floor(((index + 1) * grains) / count) * grain);
    return partOf(view, cut, from, to);
  });
}

function sizeAlong({ batch, groups, ySize, xChannels, yChannels, kernel }: View, cut: Cut): number {
  if (cut === 'batch') return batch;
  if (cut === 'groups') return groups;
  if (cut === 'channels') return groups === 1 ? yChannels : 1;
  if (cut === 'inputs') return groups === 1 ? xChannels : 1;
  if (cut === 'kernel') return kernel[0] === 1 ? kernel[1] : 1;
  return ySize[cut === 'rows' ? 1 : 2];
}

/** The view with a packed weight of its own channels alone. */
export const withOwnWeight = (view: View): View => viewWith(view, { packed: { channels: view.yChannels / view.groups, first: 0 } });

export const whole = (view: View): Part => ({ view, xOffset: 0, xChannel: 0, yChannel: 0, group: 0 });

function partOf(view: View, cut: Cut, from: number, to: number): Part {
  const { x, y, w, pad, stride, ySize, wOffset, yOffset } = view;
  const size = to - from;
  switch (cut) {
    case 'batch':
      return { ...whole(viewWith(view, { batch: size, yOffset: yOffset + from * y.batch })), xOffset: from * x.batch };
    case 'groups': {
      const [xGroup, yGroup] = [view.xChannels / view.groups, view.yChannels / view.groups];
      const changes = {
        groups: size,
        xChannels: size * xGroup,
        yChannels: size * yGroup,
        wOffset: wOffset + from * w.group,
        yOffset: yOffset + from * yGroup * y.channel,
      };
      return {
        view: viewWith(view, changes),
        xOffset: from * xGroup * x.channel,
        xChannel: from * xGroup,
        yChannel: from * yGroup,
        group: from,
      };
    }
    case 'channels': {
      if (view.groups > 1) return whole(view);
      const packed = { ...view.packed, first: view.packed.first + from };
      const changes = { yChannels: size, packed, wOffset: wOffset + from * w.y, yOffset: yOffset + from * y.channel };
      return { ...whole(viewWith(view, changes)), yChannel: from };
    }
    case 'inputs': {
      if (view.groups > 1) return whole(view);
      const changes = { xChannels: size, wOffset: wOffset + from * w.x };
      return { ...whole(viewWith(view, changes)), xOffset: from * x.channel, xChannel: from };
    }
    case 'kernel': {
      if (view.kernel[0] > 1) return whole(view);
      const changes = {
        kernel: [1, size, view.kernel[2]] as const,
        pad: [pad[0], pad[1] - from * view.dilation[1], pad[2]] as const,
        wOffset: wOffset + from * w.steps[1],
      };
      return whole(viewWith(view, changes));
    }
    case 'rows': {
      if (isDense(view)) {
        const changes = { ySize: [1, size, ySize[2]] as const, xSize: [1, size, ySize[2]] as const, yOffset: yOffset + from * y.steps[1] };
        return { ...whole(viewWith(view, changes)), xOffset: from * ySize[2] * x.space };
      }
      const changes = {
        ySize: [ySize[0], size, ySize[2]] as const,
        pad: [pad[0], pad[1] - from * stride[1], pad[2]] as const,
        yOffset: yOffset + from * y.steps[1],
      };
      return whole(viewWith(view, changes));
    }
    case 'columns': {
      if (isDense(view) && ySize[1] === 1) {
        const changes = { ySize: [1, 1, size] as const, xSize: [1, 1, size] as const, yOffset: yOffset + from * y.steps[2] };
        return { ...whole(viewWith(view, changes)), xOffset: from * x.space };
      }
      const changes = {
        ySize: [ySize[0], ySize[1], size] as const,
        pad: [pad[0], pad[1], pad[2] - from * stride[2]] as const,
        yOffset: yOffset + from * y.steps[2],
      };
      return whole(viewWith(view, changes));
    }
  }
}

/** Whether x is its own column matrix, of a single slice: a part of it is one too, if its x is as large as its y. */
function isDense({ xSize, ySize, kernel, stride, pad, adjoint }: View): boolean {
  const once =
    !adjoint && [0, 1, 2].every((axis) => kernel[axis] === 1 && stride[axis] === 1 && pad[axis] === 0 && xSize[axis] === ySize[axis]);
  return once && ySize[0] === 1;
}
