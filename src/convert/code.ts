/** A program that runs a convolution in a framework. */
import { OptionError } from '../errors.js';
import { describe } from '../geometry/index.js';
import { jsOf } from './code-js.js';
import { pythonOf } from './code-python.js';
import { CONVERT } from './frameworks.js';
import { programOf } from './program.js';
import type { Framework, Spec } from './types.js';

/** Options of `code`. */
export interface CodeOptions {
  /** The input of the program, in the specification's layout. Default: one small image. */
  readonly inputShape?: readonly number[];
}

/**
 * A program in Python or JavaScript that runs the convolution on random numbers and prints the output's shape. Where the framework has no call for it, it has the steps
 * around one.
 *
 * @throws OptionError for an unknown framework or one without such a convolution; ShapeError where `inputShape` does not fit.
 * @example
 * ```js
 * const spec = fromKeras({ op: 'Conv2DTranspose', kernelSize: 3, strides: 2, padding: 'same' });
 * code(spec, 'pytorch').split('\n').filter((line) => line.startsWith('y = y')); // ['y = y[:, :, 0:-1, 0:-1]  # crop']
 * ```
 */
export function code(spec: Spec, framework: Framework, options: CodeOptions = {}): string {
  const fn = 'code';
  if (!Object.hasOwn(CONVERT, framework)) {
    throw new OptionError(fn, `framework is ${describe(framework)}; expected one of ${Object.keys(CONVERT).join(', ')}`);
  }
  const program = programOf(fn, spec, framework, options.inputShape);
  return framework === 'pytorch' || framework === 'keras' || framework === 'onnx' ? pythonOf(program) : jsOf(program);
}
