import { OptionError } from '../errors.js';
import { describe, tensorShape } from './shape.js';

/** Refuses option names that the operation does not know. `argument` is what the options are called. */
export function checkNames(op: string, options: object | undefined, known: readonly string[], argument = 'options'): void {
  if (options === undefined) return;
  if (options === null || typeof options !== 'object' || Array.isArray(options) || ArrayBuffer.isView(options)) {
    throw new OptionError(op, `${argument} is ${describe(options)}; expected an object of ${known.join(', ')}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new OptionError(op, `unknown option '${name}'; known: ${known.join(', ')}${hint(op, options, name, known)}`);
    if (options[name as keyof typeof options] === null) throw new OptionError(op, `${name} is null; leave it out for its default`);
  }
}

/** What was meant, where that can be told: the name that another library has for it, a slip of the pen, or something of another operation. */
function hint(op: string, options: object, name: string, known: readonly string[]): string {
  const shape = tensorShape(options);
  if (shape !== undefined) return `; ${describe(options)} was given for the options`;
  const plain = plainly(name);
  const [, , remark] = REMARKS.find(([names, ops]) => names.test(plain) && ops.test(op)) ?? [];
  if (remark !== undefined) return `; ${remark}`;
  const elsewhere = ELSEWHERE.find(([pattern]) => pattern.test(plain))?.[1] ?? [];
  const meant =
    known.find((each) => plainly(each) === plain) ??
    elsewhere.find((each) => known.includes(each)) ??
    known.find((each) => near(each, plain));
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/** transpose_a, transposeA and TransposeA are one name. */
const plainly = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Options that some operation does not have, and why. */
const REMARKS: readonly (readonly [names: RegExp, ops: RegExp, remark: string])[] = [
  [/^(kernelsize|outputsize)$/, /^fold/, 'it is an argument, before the options'],
  [/^output(padding|size|shape)$/, /^(conv\d|unfold|fold)/, 'outputPadding and outputSize are for transposed convolutions'],
  [/^output(padding|size|shape)$/, /^convOutputSize/, 'outputPadding is for convTransposeOutputSize'],
  [/^(kernelsize|kernelshape|kernel)$/, /^conv(Transpose)?\dd(?!\.plan)/, 'the size of the kernel is that of the weight'],
  [/^kernelsize$/, /^unfold/, 'it is an argument, before the options'],
  [/^groups?$/, /^(unfold|fold)/, 'every channel is unrolled, whatever its group'],
  [/^out(put)?$/, /\.plan$/, 'a plan takes `out` in run(input, out)'],
  [/^out(put)?$/, /\.backward$/, 'it has three results, all of them fresh'],
];

/** What PyTorch, TensorFlow, ONNX, WebNN and others call the options, in plain letters. */
const ELSEWHERE: readonly (readonly [pattern: RegExp, names: readonly string[]])[] = [
  [/^(strides?|steps?|subsample)$/, ['stride', 's']],
  [/^(pads?|paddings?|autopad|explicitpads)$/, ['padding', 'p']],
  [/^(padding|pad)mode$/, ['padMode']],
  [/^(dilations?|dilationrates?|rates?|atrousrates?)$/, ['dilation', 'd']],
  [/^(groups?|featuregroupcount|numgroups)$/, ['groups']],
  [/^((data|input|filter)?format|inputlayout|filterlayout|dimensionnumbers|channelslast)$/, ['layout']],
  [/^(outputpaddings?|outpadding|adj)$/, ['outputPadding', 'a']],
  [/^(outputsizes?|outputshape)$/, ['outputSize']],
  [/^(input(size|shape)?|x|i)$/, ['input', 'i']],
  [/^(weights?|filters?|kernels?|w)$/, ['weight', 'k']],
  [/^(kernel(size|shape)?)$/, ['k']],
  [/^(bias(es)?|usebias|c)$/, ['bias']],
  [/^(activations?|act|fusedactivation|relu6?|leakyrelu)$/, ['activation']],
  [/^(algo|method|impl(ementation)?)$/, ['algorithm']],
  [/^(outputs?|dst|result|into)$/, ['out']],
  [/^(trans(pose)?a|atransposed?|adj(oint)?[ax])$/, ['transposeA']],
  [/^(trans(pose)?b|btransposed?|adj(oint)?[by])$/, ['transposeB']],
  [/^(backend|simd|build)$/, ['variant']],
  [/^(numthreads|workers|concurrency)$/, ['threads']],
  [/^(wasm(module|binary)?)$/, ['module']],
  [/^(max(imum)?memory|memorylimit|maxsize)$/, ['maxBytes']],
  [/^(heap|wasmmemory)$/, ['memory']],
  [/^(malloc|free)$/, ['allocator']],
];

/** One letter more, less or other than `name`, or two of a long one. */
function near(name: string, plain: string): boolean {
  const wanted = plainly(name);
  const most = wanted.length > 5 ? 2 : wanted.length > 3 ? 1 : 0;
  let row = Array.from({ length: plain.length + 1 }, (_, at) => at);
  for (let i = 1; i <= wanted.length; i++) {
    const next = [i];
    for (let j = 1; j <= plain.length; j++) {
      const changed = (row[j - 1] as number) + (wanted[i - 1] === plain[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return (row[plain.length] as number) <= most;
}
