/** Of asconfig.json. */
export const TARGETS: readonly string[] = ['debug', 'tiny', 'simd', 'relaxed'];
export const SHIPPED: readonly string[] = ['simd', 'relaxed'];
