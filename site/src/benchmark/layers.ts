/** What is measured: layers of `npm run bench`, by the groups to choose from. */
import { allCases, type Case } from '../../../bench/cases.js';
import type { Group } from './choices.js';

/** By their names in bench/cases.ts. */
const NAMES: Readonly<Record<Group, readonly string[]>> = {
  usual: ['3x3 64-64 @56', '3x3 256-256 @14', '1x1 256-64 @56', '3x3 s2 128-128 @56'],
  depthwise: ['depthwise 3x3 192-192 @56', 'depthwise 3x3 s2 192-192 @56', 'grouped 32 3x3 128-128 @56'],
  transposed: ['transposed 4x4 s2 256-128 @16', 'transposed 2x2 s2 128-64 @28', 'transposed 3x3 s2 op1 128-64 @28'],
  gradients: ['3x3 64-64 @56 gradInput', '3x3 64-64 @56 gradWeight', '1x1 256-64 @56 gradInput'],
  others: ['stem 7x7 s2 3-64 @224', 'dilated 2 3x3 128-128 @28', 'audio k7 64-64 @8192', 'gemm 512'],
};

/** The same work in each layout; a matrix has but one. */
export interface Work {
  readonly first: Case;
  readonly last: Case | undefined;
}

export function worksOf(groups: readonly Group[]): Work[] {
  const names = groups.flatMap((group) => NAMES[group]);
  const [first, last] = [allCases('channels-first'), allCases('channels-last')];
  return names.map((name) => {
    const at = first.findIndex((each) => each.name === name);
    const found = first[at];
    if (!found) throw new Error(`no layer is named ${name}`);
    return { first: found, last: found.op === 'matmul' ? undefined : last[at] };
  });
}
