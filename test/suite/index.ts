/** One suite, many backends: it needs a way to define cases and nothing else, so it runs in any harness and in a bare page. */
import { algebra } from './algebra.js';
import { algorithmNan } from './algorithm-nan.js';
import { algorithmOrder } from './algorithm-order.js';
import { algorithmRules } from './algorithm-rules.js';
import { algorithms } from './algorithms.js';
import { allOrNothing } from './all-or-nothing.js';
import type { Backend, Define } from './backend.js';
import { borders } from './borders.js';
import { calls } from './calls.js';
import { causal } from './causal.js';
import { differences } from './differences.js';
import { errors } from './errors-tier.js';
import { exactConv } from './exact-conv.js';
import { exactMatmul } from './exact-matmul.js';
import { exactNan } from './exact-nan.js';
import { fft } from './fft.js';
import { golden } from './golden.js';
import { growth } from './growth.js';
import { lifetime } from './lifetime.js';
import { matmulFew } from './matmul-few.js';
import { matmulPlan } from './matmul-plan.js';
import { memory } from './memory.js';
import { oracle } from './oracle.js';
import { oracleProducts } from './oracle-products.js';
import { properties } from './properties.js';
import { shown } from './shown.js';
import { winogradOutliers } from './winograd-outliers.js';

export type { Backend, Define } from './backend.js';
export { GOLDEN_OPS, type Golden, goldenErrors } from './golden.js';

const TIERS = [
  exactMatmul,
  matmulFew,
  matmulPlan,
  exactConv,
  exactNan,
  oracle,
  oracleProducts,
  properties,
  algebra,
  causal,
  algorithms,
  algorithmOrder,
  algorithmRules,
  algorithmNan,
  winogradOutliers,
  fft,
  differences,
  golden,
  memory,
  growth,
  borders,
  allOrNothing,
  lifetime,
  calls,
  shown,
  errors,
];

export function suite(define: Define, backend: Backend): void {
  const names = new Set<string>();
  const once: Define = (name, body) => {
    if (names.has(name)) throw new Error(`two cases are named '${name}'`);
    names.add(name);
    define(name, body);
  };
  for (const tier of TIERS) tier(once, backend);
}
