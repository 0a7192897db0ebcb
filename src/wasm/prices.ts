/**
 * What the work of each method costs (work.ts counts it, cost-model.ts adds it up), in picoseconds, as
 *
 *   npm run bench:selector -- --variant simd --propose          and --variant relaxed, on a Node that has it
 *
 * finds it: the prices that explain best how long some 800 layers of networks take in every direction, and then choose best between the algorithms. The columns are of
 * `simd` and of `relaxed`, in each of channels-first and of channels-last. All were measured on an
 * AMD EPYC (Zen 5, Node 20 and 26), from a third of the layers' parts. The Sapphire Rapids that the thresholds before them were measured on was not there: measure again on one.
 */
export type MethodName = 'gemm' | 'phases' | 'columns' | 'slim' | 'winograd' | 'wgrad' | 'slimWgrad' | 'winogradWgrad';

export type Price = [what: string, simdFirst: number, simdLast: number, relaxedFirst: number, relaxedLast: number];

export const PRICES: Readonly<Record<MethodName, readonly Price[]>> = {
  gemm: [
    ['multiply-adds of whole tiles', 61.5, 76.1, 38.5, 38.6],
    ['values of the column matrix', 342, 143, 347, 230],
    ['its runs', 22900, 7740, 14100, 9970],
    ['values of the weight', 435, 198, 387, 315],
    ['results', 160, 45.3, 226, 49.4],
    ['results of channels pages apart', 0, 0, 0, 0],
    ['results put in places apart', 0, 0, 0, 0],
    ['blocks', 0, 563000, 0, 343000],
    ['call', 1060000, 2070000, 1000000, 939000],
  ],
  phases: [
    ['multiply-adds of whole tiles', 62.9, 57.2, 41.9, 39.7],
    ['values of the column matrix', 344, 237, 224, 198],
    ['its runs', 17700, 9650, 7850, 9410],
    ['values of the weight', 768, 422, 730, 309],
    ['results', 133, 108, 164, 54.2],
    ['results of channels pages apart', 503, 0, 678, 0],
    ['results put in places apart', 1060, 572, 529, 185],
    ['blocks', 0, 726000, 0, 873000],
    ['call', 1220000, 0, 875000, 298000],
  ],
  columns: [
    ['multiply-adds of whole tiles', 61.4, 56.2, 40.1, 37.4],
    ['values of y', 102, 533, 157, 527],
    ['values of the weight', 604, 316, 512, 217],
    ['values of the columns', 479, 719, 433, 617],
    ['runs added into x', 11000, 3140, 6530, 2530],
    ['blocks', 346000, 4840000, 560000, 3390000],
    ['values of x', 165, 150, 99.9, 149],
    ['call', 2060000, 0, 2140000, 0],
  ],
  slim: [
    ['steps of whole tiles', 1660, 1530, 1510, 1520],
    ['of tiles for half the channels', 1670, 4040, 1340, 2020],
    ['of tiles for one channel', 4690, 679000, 1930, 4660],
    ['floats of strips', 281, 116, 168, 127],
    ['lines of strips', 4790, 43500, 5480, 52400],
    ['results', 1140, 0, 4.53, 0],
    ['results put in places apart', 946, 25100, 280, 1190],
    ['values of the weight', 1970, 2130, 1750, 1430],
    ['tiles', 0, 3410, 19900, 3170],
    ['call', 2060000, 783000, 1630000, 1160000],
  ],
  winograd: [
    ['multiply-adds of whole tiles', 57.2, 48.3, 46.9, 55.8],
    ['their sums', 287, 315, 219, 143],
    ['transformed values of x', 719, 719, 637, 782],
    ['of y', 659, 459, 649, 477],
    ['of a planned weight', 0, 0, 0, 0],
    ['of a weight', 1080, 563, 598, 492],
    ['of a weight beyond the caches', 1490, 892, 1110, 814],
    ['blocks', 0, 4280000, 0, 1250000],
    ['call', 0, 3920000, 0, 0],
  ],
  wgrad: [
    ['multiply-adds of whole tiles', 58.3, 64.8, 38.8, 31.7],
    ['values of the column matrix', 285, 751, 262, 706],
    ['its runs', 18300, 5670, 16800, 3610],
    ['values of y', 212, 245, 257, 429],
    ['results', 262, 243, 202, 179],
    ['blocks', 0, 979000, 247000, 939000],
    ['call', 3310000, 2800000, 2550000, 1660000],
  ],
  slimWgrad: [
    ['vectors of y, for a tile of sums', 1620, 3960, 1490, 2650],
    ['lines of them', 3100, 0, 674, 0],
    ['tiles', 8470, 0, 7410, 0],
    ['floats of strips', 213, 22.8, 128, 70.2],
    ['lines of strips', 3160, 8420, 3980, 7470],
    ['sums', 503, 1990, 646, 2420],
    ['call', 2450000, 3640000, 2700000, 2590000],
  ],
  winogradWgrad: [
    ['multiply-adds of whole tiles', 60.5, 69.1, 61.4, 40.4],
    ['transformed values of x', 613, 388, 586, 401],
    ['of y', 499, 741, 472, 580],
    ['sums', 591, 620, 291, 373],
    ['sums of later blocks', 1610, 837, 652, 369],
    ['call', 3010000, 8720000, 89900, 4160000],
  ],
};
