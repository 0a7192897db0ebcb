/** Models on one thread and on several: what threads gain them in Node, and that they change no bit. */
import { heading, indent, paint, table } from '../terminal.js';
import { loadFaces } from './faces.js';
import { makeInception } from './inception.js';
import { makeMobileNet } from './mobilenet.js';
import { compare, QUICK, THOROUGH } from './race.js';
import { enter, SIDES, tf } from './tfjs.js';
import { loadUpscaler } from './upscale.js';

type Tensor = import('@tensorflow/tfjs').Tensor;
type LayersModel = import('@tensorflow/tfjs').LayersModel;

/** Prints each model's milliseconds, and says whether its results were the same to the bit. */
export async function onThreads({ quick }: { readonly quick: boolean }): Promise<boolean> {
  const effort = quick ? QUICK : { ...THOROUGH, lead: 20, rounds: 15 };
  console.log(heading('Threads'));
  const { threads, threadsReason } = ((await enter(SIDES.threadedWasm)) as { info: { threads: number; threadsReason?: string } }).info;
  console.log(`\n  ${threads} threads${threadsReason ? `: ${threadsReason}` : ''}\n`);

  const models = await loadModels(quick);
  const rows: string[][] = [];
  const ratios: number[] = [];
  let same = true;
  for (const [name, run] of Object.entries(models)) {
    const { milliseconds, ratio, difference } = await compare([SIDES.fastWasm, SIDES.threadedWasm], run, effort);
    rows.push([name, ...milliseconds.map((each) => each.toFixed(1)), ratio.toFixed(2)]);
    ratios.push(ratio);
    same &&= difference === 0;
  }
  console.log(indent(table(['model', '>ms on one', `>on ${threads}`, '>times as fast'], rows)));
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`\n  ${mean.toFixed(2)} times as fast (geometric mean)`);
  console.log(`  The results are ${same ? paint('green', 'the same, to the bit') : paint('red', 'NOT THE SAME')}`);
  return same;
}

async function loadModels(quick: boolean): Promise<Record<string, () => Tensor[] | Promise<Tensor[]>>> {
  const size = quick ? 75 : 224;
  const { model, picture } = await loadUpscaler();
  const { ssd, photo } = await loadFaces();
  const image = tf.tidy(() => tf.randomUniform([1, size, size, 3], -1, 1, 'float32', 1));
  const predict = (net: LayersModel) => () => [net.predict(image) as Tensor];
  return {
    'esrgan-slim, 128x128': () => [model.predict(picture) as Tensor],
    'ssd mobilenet, a photograph': async () => {
      const { boxes, scores } = await ssd.forward(photo);
      return [...boxes, ...scores];
    },
    [`MobileNetV2 of layers, ${size}x${size}`]: predict(makeMobileNet(size)),
    [`Inception of layers, ${size}x${size}`]: predict(makeInception(size)),
  };
}
