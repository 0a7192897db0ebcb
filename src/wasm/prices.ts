/**
 * What the work of each method costs (work.ts counts it, cost-model.ts adds it up), in picoseconds, as
 *
 *   npm run bench:selector -- --variant simd --propose          and --variant relaxed, on a Node that has it
 *
 * finds it: the prices that explain best how long 873 layers of networks take in every direction, and then choose best between the algorithms. The columns are of
 * `simd` and of `relaxed`, in each of channels-first and of channels-last. All were measured on an
 * AMD EPYC (Zen 5, Node 20 and 26), from a third of 873 layers' parts; those of Winograd's forward kernel from parts 2/12 and 7/12 of 975. What a weight costs
 * Winograd's forward kernel in a call, and all of its gradient of the weight, were measured on an EPYC (Zen 4, part 2/12 of 990). The Sapphire Rapids that the thresholds before them were measured on was not there: measure again on one.
 * Those of 'fft' and 'depthwise' were found by hand on an AMD EPYC (Zen 4), from kernels of 9×9 to 31×31 on 14×14 to 224×224, and filters of 128 to 4000 taps.
 */
export type MethodName =
  | 'gemm'
  | 'phases'
  | 'columns'
  | 'fewChannels'
  | 'winograd'
  | 'fft'
  | 'depthwise'
  | 'wgrad'
  | 'fewChannelsWgrad'
  | 'winogradWgrad';

export type Price = [what: string, simdFirst: number, simdLast: number, relaxedFirst: number, relaxedLast: number];

export const PRICES: Readonly<Record<MethodName, readonly Price[]>> = {
  gemm: [
    ['multiply-adds of whole tiles', 47.6, 57.5, 35.4, 38.1],
    ['values of the column matrix', 512, 143, 374, 183],
    ['values of an image that is one', 282, 51.6, 286, 58],
    ['its runs', 13100, 5900, 8610, 5600],
    ['values of the weight', 599, 222, 462, 314],
    ['results', 159, 64.9, 89.9, 8.8],
    ['results of rows pages apart', 113, 224, 373, 408],
    ['results put in places apart', 0, 0, 0, 0],
    ['blocks', 0, 857000, 0, 363000],
    ['call', 247000, 614000, 727000, 456000],
  ],
  phases: [
    ['multiply-adds of whole tiles', 50.5, 51.4, 37.6, 37.4],
    ['values of the column matrix', 414, 186, 480, 178],
    ['values of an image that is one', 164, 94.4, 173, 148],
    ['its runs', 13400, 6430, 8430, 3560],
    ['values of the weight', 1050, 314, 604, 256],
    ['results', 212, 102, 121, 47.5],
    ['results of rows pages apart', 83.1, 94.4, 95.4, 112],
    ['results put in places apart', 570, 399, 1110, 318],
    ['blocks', 0, 802000, 0, 333000],
    ['call', 858000, 110000, 682000, 299000],
  ],
  columns: [
    ['multiply-adds of whole tiles', 50.8, 50, 37.1, 37.1],
    ['values of y', 68.4, 215, 136, 221],
    ['values of the weight', 353, 250, 316, 204],
    ['values of the columns', 461, 394, 315, 329],
    ['runs added into x', 12200, 18100, 7720, 15200],
    ['blocks', 616000, 1800000, 280000, 1490000],
    ['values of x', 347, 0, 244, 0],
    ['call', 968000, 0, 861000, 0],
  ],
  fewChannels: [
    ['steps of whole tiles', 1380, 1340, 1290, 1150],
    ['steps that meet a line buffer beyond L1', 36.7, 4.13, 21, 8.24],
    ['of tiles for half the channels', 1710, 3370, 1090, 1700],
    ['of tiles for one channel', 3770, 487, 2390, 0],
    ['floats of line buffers', 145, 52, 150, 41.2],
    ['lines of line buffers', 5400, 41200, 4250, 31100],
    ['results', 299, 0, 395, 0],
    ['results put in places apart', 287, 7100, 332, 1070],
    ['values of the weight', 1610, 1160, 1160, 966],
    ['tiles', 19800, 3000, 12300, 3570],
    ['call', 1200000, 686000, 1130000, 642000],
  ],
  winograd: [
    ['multiply-adds of whole tiles', 55, 52.4, 39.6, 34.9],
    ['their sums', 367, 343, 279, 212],
    ['transformed values of x', 576, 628, 575, 559],
    ['of y', 415, 432, 393, 500],
    ['of a planned weight', 0, 0, 13.7, 15.7],
    ['of a weight', 950, 700, 1100, 1100],
    ['of a weight beyond the caches', 1400, 1400, 1350, 1450],
    ['blocks', 1350000, 1340000, 1040000, 660000],
    ['call', 746000, 512000, 0, 0],
  ],
  fft: [
    ['passes over values of planes', 350, 350, 300, 300],
    ['over those of a weight', 210, 210, 180, 180],
    ['results', 700, 1600, 700, 1600],
    ['values of a weight', 0, 1200, 0, 1200],
    ['call', 5000000, 5000000, 5000000, 5000000],
  ],
  depthwise: [
    ['multiply-adds of rows, in channels-first in pairs', 46, 115, 37, 85],
    ['of a single row', 62, 115, 66, 85],
    ['taps of a row', 500, 0, 350, 0],
    ['results', 300, 300, 300, 300],
  ],
  wgrad: [
    ['multiply-adds of whole tiles', 50.4, 50.5, 37, 36.4],
    ['values of the column matrix', 518, 903, 368, 347],
    ['values of an image that is one', 186, 200, 103, 255],
    ['its runs', 12900, 20600, 8250, 16000],
    ['values of y', 146, 143, 167, 293],
    ['results', 190, 178, 162, 114],
    ['blocks', 555000, 328000, 484000, 209000],
    ['call', 544000, 276000, 719000, 420000],
  ],
  fewChannelsWgrad: [
    ['vectors of y, for a tile of sums', 1430, 3680, 1330, 2240],
    ['lines of them', 1280, 0, 183, 1580],
    ['tiles', 6600, 0, 6650, 483],
    ['floats of line buffers', 92.7, 49.5, 89.8, 30.4],
    ['lines of line buffers', 8910, 4430, 5130, 0],
    ['sums', 725, 2770, 628, 2960],
    ['call', 898000, 735000, 1020000, 569000],
  ],
  winogradWgrad: [
    ['multiply-adds of whole tiles', 46.1, 42.2, 51.6, 39.1],
    ['transformed values of x', 1230, 1030, 636, 925],
    ['of y', 439, 1100, 778, 621],
    ['sums', 791, 1060, 370, 426],
    ['sums beyond the caches', 75.8, 185, 98.8, 102],
    ['sums of later blocks', 387, 285, 0, 0],
    ['call', 4950000, 0, 9270000, 0],
  ],
};
