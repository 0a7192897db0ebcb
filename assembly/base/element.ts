/**
 * The type of the elements, one for a build. base, im2col, pack, gemm and conv know it by this name alone: a build of doubles changes this line, and adds transposes of
 * 2×2 where those of 4×4 floats are asked `sizeof<Element>() == 4`. Until then an element at a time is packed there.
 *
 * A vector is 16 bytes, NR two vectors. base/lanes, winograd, direct and array are of floats.
 */
export type Element = f32;

/** Elements of a vector. */
export const LANES: i32 = 16 / sizeof<Element>();
