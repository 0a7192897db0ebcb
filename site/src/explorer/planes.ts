/** The grids of a tensor: one for each channel, or pair of channels of a weight. */
import type { Cell, GridOptions } from './grid.js';
import { coordinates, nameAt, type Shown, volume, written } from './model.js';

export interface PlaneOptions {
  readonly name: string;
  readonly caption: string;
  /** What stands around the tensor on each axis: positive pads are drawn, negative ones are cells that no window reaches. */
  readonly pads?: readonly (readonly [before: number, after: number])[];
  /** What is written in the pads. */
  readonly padText?: string;
}

/** A plane's number, and the options of its grid but what it calls back. */
export interface Plane {
  readonly plane: number;
  readonly options: Omit<GridOptions, 'onChoose' | 'onHover'>;
}

/** Height and width of one axis are 1 and its size. */
const asImage = (sizes: readonly number[], height: number): [number, number] => [
  sizes.length > 1 ? (sizes[0] ?? 1) : height,
  sizes.at(-1) ?? 1,
];

export function planesOf(shown: Shown, { name, caption, pads = [], padText = '0' }: PlaneOptions): Plane[] {
  const { space, lead, tensor, colour } = shown;
  const size = volume(space);
  const [height, width] = asImage(space, 1);
  const of = (axis: number, side: 0 | 1): number => pads.at(axis)?.[side] ?? 0;
  const vertical: [number, number] = space.length > 1 ? [of(0, 0), of(0, 1)] : [0, 0];
  const horizontal: [number, number] = [of(-1, 0), of(-1, 1)];
  const [top, bottom, left, right] = [...vertical, ...horizontal];
  const [above, before] = [Math.max(0, top), Math.max(0, left)];
  const rows = above + height + Math.max(0, bottom);
  const columns = before + width + Math.max(0, right);

  const cellAt = (plane: number, row: number, column: number): Cell => {
    const [i, j] = [row - above, column - before];
    if (i < 0 || i >= height || j < 0 || j >= width) return { row, column, index: undefined, look: 'around', text: padText, label: '' };
    const index = plane * size + i * width + j;
    const isCropped = i < -top || i >= height + bottom || j < -left || j >= width + right;
    const text = written(tensor.data[index]);
    return { row, column, index, look: isCropped ? 'cropped' : 'value', text, label: `${nameAt(shown, index)} = ${text}` };
  };

  return Array.from({ length: volume(lead) }, (_, plane) => ({
    plane,
    options: {
      name: `${name}${volume(lead) > 1 ? `-${plane}` : ''}`,
      // As it is indexed: w[1, 0] of w[1, 0, i, j].
      caption:
        volume(lead) > 1
          ? `${caption}[${coordinates(shown, plane * size)
              .slice(0, lead.length)
              .join(', ')}]`
          : caption,
      colour,
      rows,
      columns,
      cells: Array.from({ length: rows * columns }, (_, at) => cellAt(plane, Math.floor(at / columns), at % columns)),
    },
  }));
}
