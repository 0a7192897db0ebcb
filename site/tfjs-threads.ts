/**
 * TensorFlow.js starts its threads from the text of a function. That asks whether `_scriptDir`, which is declared around it, is there: a minifier that knows the declaration asks
 * no more, and the text fails where it runs alone. Without the declaration the question stays, and the answer is no.
 */
import type { Plugin } from 'vite';

const DECLARED = /var _scriptDir = [^;]+;\s*if \(typeof __filename [^;]+;/;

export const tfjsThreads = (): Plugin => ({
  name: 'tfjs-threads',
  transform(code, id) {
    if (!/tfjs-backend-wasm-threaded-simd\.js(\?|$)/.test(id)) return undefined;
    if (!DECLARED.test(code)) throw new Error('tfjs-threads: TensorFlow.js starts its threads in another way now');
    return { code: code.replace(DECLARED, ''), map: null };
  },
});
