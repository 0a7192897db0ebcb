/**
 * What stays a function. Binaryen puts what is not long in the place of every call, though few calls are felt. Those of the functions here are not: they are made once a
 * convolution, or a block of it.
 */
import binaryen from 'assemblyscript/binaryen';

/** Without `assembly/`; * is anything. */
const CALLED = [
  'base/geometry/Geometry#get:pointwise',
  'base/geometry/Geometry#get:tapsAcross',
  'base/geometry/Geometry#get:wRowRun',
  'base/geometry/Geometry#get:wRowStep',
  'base/geometry/Geometry#get:yRaster',
  'base/geometry/Geometry#wRowOffset',
  'base/epilogue/prepareEpilogue',
  'pack/operand/Operand#columns',
  'pack/operand/Operand#packed',
  'pack/operand/Operand#strided',
  'pack/operand/Operand#strips',
  'pack/operand/Operand#weight',
  'pack/operand/pack*',
  'winograd/axis/blocksOf',
  'winograd/axis/lay*',
  'winograd/filters/*',
  'winograd/tap-blocks/*',
  'winograd/forward/clearPoints',
  'winograd/forward/copyBias',
  'winograd/forward/limitOf',
  'winograd/forward/tilesOfBlock',
  'winograd/outliers/lay*',
  'winograd/outliers/fitsRoom',
  'winograd/outliers/setState*',
  'winograd/outliers/seen*',
  'winograd/outliers/pitchOf',
  'winograd/tiles/image*',
  'winograd/tiles/lay*',
  'winograd/tiles/lookThrough',
];

/** A transform of the compiler: it does this before it has the module optimized. */
export const calls = {
  afterCompile(module: binaryen.Module): void {
    const names = Array.from({ length: module.getNumFunctions() }, (_, i) => binaryen.getFunctionInfo(module.getFunctionByIndex(i)).name);
    for (const each of CALLED) {
      const pattern = `assembly/${each}`;
      const [start = '', end = ''] = pattern.split('*');
      if (!names.some((name) => name.startsWith(start) && name.endsWith(end))) throw new Error(`build:wasm: no function is ${pattern}`);
      binaryen.setPassArgument('no-inline', pattern);
      module.runPasses(['no-inline']);
    }
  },
};
