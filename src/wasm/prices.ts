/**
 * What the work of each method costs (work.ts counts it, cost-model.ts adds it up), in picoseconds, as
 *
 *   npm run bench:selector -- --variant simd --propose          and --variant relaxed, on a Node that has it
 *
 * finds it: the prices that explain best how long some 800 layers of networks take in every direction, and then choose best between the algorithms. The columns are of
 * `simd` and of `relaxed`, in each of channels-first and of channels-last. All were measured on an AMD EPYC (Node 20 and 26). On the Sapphire Rapids that the
 * thresholds before them were measured on a choice has lost where it is close; what was a clear win there is one by these prices.
 */
export type MethodName = 'gemm' | 'phases' | 'columns' | 'slim' | 'winograd' | 'wgrad' | 'slimWgrad' | 'winogradWgrad';

export type Price = [what: string, simdFirst: number, simdLast: number, relaxedFirst: number, relaxedLast: number];

export const PRICES: Readonly<Record<MethodName, readonly Price[]>> = {
  gemm: [
    ['multiply-adds of whole tiles', 51.9, 52.2, 41.1, 38.3],
    ['values of the column matrix', 321, 187, 402, 186],
    ['its runs', 17600, 6900, 14000, 5000],
    ['values of the weight', 595, 226, 534, 298],
    ['results', 125, 192, 127, 63.2],
    ['results of channels pages apart', 0, 0, 0, 0],
    ['results put in places apart', 0, 0, 0, 0],
    ['blocks', 0, 12900, 0, 0],
    ['call', 995000, 799000, 719000, 952000],
  ],
  phases: [
    ['multiply-adds of whole tiles', 53.5, 52.8, 38.5, 38.1],
    ['values of the column matrix', 269, 177, 206, 196],
    ['its runs', 19000, 7300, 14200, 5030],
    ['values of the weight', 772, 474, 540, 580],
    ['results', 139, 107, 149, 112],
    ['results of channels pages apart', 300, 0, 511, 0],
    ['results put in places apart', 275, 181, 528, 526],
    ['blocks', 0, 581000, 0, 228000],
    ['call', 735000, 38700, 1160000, 148000],
  ],
  columns: [
    ['multiply-adds of whole tiles', 53, 49.8, 38.6, 37.5],
    ['values of y', 168, 370, 152, 290],
    ['values of the weight', 611, 352, 428, 239],
    ['values of the columns', 447, 567, 411, 299],
    ['runs added into x', 6890, 4280, 3400, 3920],
    ['blocks', 0, 3240000, 124000, 2230000],
    ['values of x', 89.6, 187, 84.6, 165],
    ['call', 2820000, 0, 2020000, 0],
  ],
  slim: [
    ['steps of whole tiles', 1470, 1500, 1430, 1200],
    ['of tiles for half the channels', 1320, 3790, 1690, 1700],
    ['of tiles for one channel', 4350, 3600, 1620, 1300],
    ['floats of strips', 187, 63.7, 187, 39.8],
    ['lines of strips', 3610, 0, 3570, 0],
    ['results', 941, 49.3, 503, 156],
    ['results put in places apart', 0, 433, 0, 603],
    ['values of the weight', 1760, 1380, 1880, 930],
    ['tiles', 0, 3830, 459, 6290],
    ['call', 1.3e6, 801000, 1.14e6, 717000],
  ],
  winograd: [
    ['multiply-adds of whole tiles', 54.8, 61.9, 64.8, 47.4],
    ['transformed values of x', 626, 441, 428, 619],
    ['of y', 728, 631, 694, 703],
    ['of a planned weight', 7, 48.3, 0, 0],
    ['of a weight', 771, 654, 540, 497],
    ['of a weight beyond the caches', 904, 741, 991, 894],
    ['blocks', 0, 0, 0, 0],
    ['call', 0, 0, 0, 0],
  ],
  wgrad: [
    ['multiply-adds of whole tiles', 52.2, 54.3, 38.3, 37.7],
    ['values of the column matrix', 237, 430, 224, 437],
    ['its runs', 11100, 4320, 14300, 3860],
    ['values of y', 180, 158, 206, 200],
    ['results', 283, 147, 125, 114],
    ['blocks', 0, 0, 0, 0],
    ['call', 2850000, 2980000, 2650000, 1980000],
  ],
  slimWgrad: [
    ['vectors of y, for a tile of sums', 1450, 3840, 1420, 2400],
    ['lines of them', 1630, 144, 293, 2570],
    ['tiles', 8580, 0, 5930, 0],
    ['floats of strips', 185, 0, 136, 12.8],
    ['lines of strips', 4690, 1410, 2810, 0],
    ['sums', 584, 1370, 628, 1760],
    ['call', 2100000, 3470000, 2080000, 1820000],
  ],
  winogradWgrad: [
    ['multiply-adds of whole tiles', 51.4, 56.1, 31, 61.4],
    ['transformed values of x', 673, 641, 611, 559],
    ['of y', 363, 424, 380, 493],
    ['sums', 543, 597, 154, 167],
    ['sums of later blocks', 354, 333, 1000, 981],
    ['call', 0, 0, 0, 0],
  ],
};
