/** What happens to a finished sum: v + bias, then the activation. */

export const NONE: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
export const LEAKY_RELU: i32 = 3;

/** bias is added as bias[row · rowStep + column · columnStep]; 0 for none. */
@unmanaged
export class Epilogue {
  bias: usize;
  rowStep: i32;
  columnStep: i32;
  activation: i32;
  slope: f32;

  get active(): bool {
    return this.bias != 0 || this.activation != NONE;
  }
}

/** Finishes `rows` × `columns` of C in place; (row, column) is where they stand, to find their bias. */
export function finish(e: Epilogue, c: usize, rows: i32, columns: i32, rowStride: i32, columnStride: i32, row: i32, column: i32): void {
  for (let i = 0; i < rows; i++, c += (<usize>rowStride) << 2) {
    const bias = e.bias + ((<usize>((row + i) * e.rowStep + column * e.columnStep)) << 2);
    let j = 0;
    if (columnStride == 1) {
      for (; j + 4 <= columns; j += 4) {
        const at = c + ((<usize>j) << 2);
        v128.store(at, activate(e, f32x4.add(v128.load(at), biasOfFour(e, bias, j))));
      }
    }
    for (; j < columns; j++) {
      const at = c + ((<usize>(j * columnStride)) << 2);
      const one = e.bias ? v128.load32_splat(bias + ((<usize>(j * e.columnStep)) << 2)) : f32x4.splat(-0.0);
      store<f32>(at, f32x4.extract_lane(activate(e, f32x4.add(v128.load32_splat(at), one)), 0));
    }
  }
}

/** -0 where there is no bias: v + -0 is v, its sign included. */
function biasOfFour(e: Epilogue, bias: usize, column: i32): v128 {
  if (!e.bias) return f32x4.splat(-0.0);
  return e.columnStep ? v128.load(bias + ((<usize>column) << 2)) : v128.load32_splat(bias);
}

/** NaN stays NaN in each. */
export function activate(e: Epilogue, v: v128): v128 {
  const zero = f32x4.splat(0);
  if (e.activation == NONE) return v;
  if (e.activation == RELU) return f32x4.max(v, zero);
  if (e.activation == RELU6) return f32x4.min(f32x4.max(v, zero), f32x4.splat(6));
  return v128.bitselect(v, f32x4.mul(v, f32x4.splat(e.slope)), f32x4.gt(v, zero));
}
