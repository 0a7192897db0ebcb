export const MR: i32 = 4;
/** doc */
export function g(a: i32, p: usize, f: f32, b: bool): i32 {
  return a + 1;
}
