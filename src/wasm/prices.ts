/**
 * What the work of each method costs (work.ts counts it, cost-model.ts adds it up), in picoseconds, as
 *
 *   npm run bench:selector -- --variant simd --propose          and --variant relaxed, on a Node that has it
 *
 * finds it: the prices that explain best how long some 800 layers of networks take in every direction, and then choose best between the algorithms. The columns are of
 * `simd` and of `relaxed`, in each of channels-first and of channels-last. All were measured on an
 * AMD EPYC (Zen 5, Node 20 and 26), from a third of the layers' parts. The Sapphire Rapids that the thresholds before them were measured on was not there: measure again on one.
 */
export type MethodName = 'gemm' | 'phases' | 'columns' | 'fewChannels' | 'winograd' | 'wgrad' | 'fewChannelsWgrad' | 'winogradWgrad';

export type Price = [what: string, simdFirst: number, simdLast: number, relaxedFirst: number, relaxedLast: number];

export const PRICES: Readonly<Record<MethodName, readonly Price[]>> = {
  gemm: [
    ['multiply-adds of whole tiles', 48.9, 52.9, 36.9, 37.5],
    ['values of the column matrix', 367, 239, 338, 224],
    ['values of an image that is one', 254, 43.5, 169, 85],
    ['its runs', 16500, 6300, 7560, 5840],
    ['values of the weight', 535, 221, 410, 215],
    ['results', 78.1, 0, 43.8, 0],
    ['results of rows pages apart', 129, 347, 169, 102],
    ['results put in places apart', 0, 0, 0, 0],
    ['blocks', 0, 765000, 246000, 406000],
    ['call', 1130000, 537000, 691000, 508000],
  ],
  phases: [
    ['multiply-adds of whole tiles', 51, 49.7, 38.6, 37.4],
    ['values of the column matrix', 408, 192, 339, 116],
    ['values of an image that is one', 191, 130, 121, 84.1],
    ['its runs', 12700, 6200, 9100, 3420],
    ['values of the weight', 831, 302, 586, 276],
    ['results', 140, 86.1, 86.6, 57.5],
    ['results of rows pages apart', 227, 116, 594, 349],
    ['results put in places apart', 710, 528, 873, 436],
    ['blocks', 0, 690000, 0, 561000],
    ['call', 1010000, 73500, 590000, 70800],
  ],
  columns: [
    ['multiply-adds of whole tiles', 50.3, 49.4, 37, 36.8],
    ['values of y', 155, 202, 152, 253],
    ['values of the weight', 412, 259, 403, 135],
    ['values of the columns', 410, 383, 242, 309],
    ['runs added into x', 11600, 18100, 8790, 13500],
    ['blocks', 457000, 866000, 440000, 588000],
    ['values of x', 30.5, 81.9, 130, 134],
    ['call', 816000, 339000, 427000, 0],
  ],
  fewChannels: [
    ['steps of whole tiles', 1280, 1300, 1310, 1200],
    ['steps that meet a line buffer beyond L1', 36.7, 11.9, 29.1, 0],
    ['of tiles for half the channels', 1240, 3850, 1250, 1620],
    ['of tiles for one channel', 2780, 363, 1800, 202],
    ['floats of line buffers', 171, 66.2, 150, 83.9],
    ['lines of line buffers', 6690, 43300, 6160, 22600],
    ['results', 884, 0, 261, 0],
    ['results put in places apart', 581, 3080, 289, 1150],
    ['values of the weight', 2140, 1530, 2180, 1740],
    ['tiles', 9080, 2930, 12900, 1710],
    ['call', 1620000, 647000, 1110000, 625000],
  ],
  winograd: [
    ['multiply-adds of whole tiles', 50.2, 49.7, 39, 35.8],
    ['their sums', 278, 198, 191, 158],
    ['transformed values of x', 516, 666, 680, 713],
    ['of y', 570, 533, 630, 401],
    ['of a planned weight', 0, 0, 0, 0],
    ['of a weight', 588, 362, 599, 507],
    ['of a weight beyond the caches', 950, 727, 1040, 1010],
    ['blocks', 945000, 2230000, 0, 295000],
    ['call', 1040000, 0, 1110000, 260000],
  ],
  wgrad: [
    ['multiply-adds of whole tiles', 49.7, 48.6, 37.3, 36.1],
    ['values of the column matrix', 383, 932, 299, 468],
    ['values of an image that is one', 110, 217, 56.9, 266],
    ['its runs', 11500, 22200, 7820, 15400],
    ['values of y', 133, 130, 81.9, 222],
    ['results', 154, 151, 96, 96.7],
    ['blocks', 984000, 100000, 1310000, 173000],
    ['call', 465000, 560000, 24700, 497000],
  ],
  fewChannelsWgrad: [
    ['vectors of y, for a tile of sums', 1400, 3670, 1310, 2310],
    ['lines of them', 2050, 0, 34.8, 1060],
    ['tiles', 4430, 0, 9150, 1090],
    ['floats of line buffers', 131, 45.3, 96.5, 53.2],
    ['lines of line buffers', 6530, 0, 6790, 0],
    ['sums', 765, 2550, 617, 2140],
    ['call', 1390000, 776000, 1010000, 648000],
  ],
  winogradWgrad: [
    ['multiply-adds of whole tiles', 50.3, 70.6, 39.9, 59.9],
    ['transformed values of x', 568, 541, 564, 537],
    ['of y', 425, 510, 408, 664],
    ['sums', 400, 90.4, 176, 48.2],
    ['sums beyond the caches', 113, 838, 27.8, 419],
    ['sums of later blocks', 367, 0, 577, 0],
    ['call', 1060000, 1970000, 1170000, 1430000],
  ],
};
