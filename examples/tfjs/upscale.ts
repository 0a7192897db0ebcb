/** A photograph at twice its size, by the super-resolution model of npm `@upscalerjs/esrgan-slim`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { heading, indent, paint } from '../terminal.js';
import { folderOf } from './packages.js';
import { compare, QUICK, THOROUGH } from './race.js';
import { enter, SIDES, tf } from './tfjs.js';

const PACKAGE = folderOf('@upscalerjs/esrgan-slim');
const SCALE = 2;
/** Plain cpu takes half a minute for the whole picture. */
const CROP = 32;
/** Of the largest brightness: a part of what rounding to a byte takes. */
const TOLERANCE = 1e-4;

/** Writes the picture, and says whether each side made the same one. */
export async function upscale({ quick }: { readonly quick: boolean }): Promise<boolean> {
  const effort = quick ? QUICK : THOROUGH;
  console.log(heading('Super-resolution'));
  await enter(SIDES.fastWasm);
  const { model, picture } = await loadUpscaler();
  const [, height, width] = picture.shape;
  const middle = tf.slice(picture, [0, (height - CROP) >> 1, (width - CROP) >> 1, 0], [1, CROP, CROP, 3]);
  const upscaled = (from: typeof middle) => () => [model.predict(from) as typeof middle];

  const [large] = upscaled(picture)() as [typeof middle];
  const made = large.dataSync<'float32'>();
  const file = write('flower.png', made, width * SCALE, height * SCALE);
  const shipped = read(`${PACKAGE}assets/samples/${SCALE}x/result.png`).pixels;
  const off = shipped.reduce((most, value, i) => Math.max(most, Math.abs(value - Math.min(255, Math.max(0, made[i] as number)))), 0);
  console.log(`
  The flower of the package, ${width}x${height}, made ${width * SCALE}x${height * SCALE}: ${file}
  ${off.toFixed(2)} of 255 at most from the picture that the package ships as the result\n`);
  tf.dispose(large);

  const whole = quick ? middle : picture;
  const onWasm = await compare([SIDES.plainWasm, SIDES.fastWasm], upscaled(whole), effort);
  const onCpu = await compare([SIDES.plainCpu, SIDES.fastCpu], upscaled(middle), effort);
  console.log(`  ${paint('bold', quick ? `The middle ${CROP}x${CROP}` : 'The whole picture')}\n${indent(onWasm.lines)}\n`);
  console.log(`  ${paint('bold', `The middle ${CROP}x${CROP}`)}\n${indent(onCpu.lines)}`);
  const good = off < 1 && onWasm.difference < TOLERANCE && onCpu.difference < TOLERANCE;
  console.log(`\n  The pictures are ${good ? paint('green', 'the same') : paint('red', 'NOT THE SAME')}`);
  tf.dispose([picture, middle]);
  model.dispose();
  return good;
}

/** The model, and the picture of its package. */
export async function loadUpscaler() {
  const { width, height, pixels } = read(`${PACKAGE}assets/fixture.png`);
  return { model: await loadModel(), picture: tf.tensor4d(pixels, [1, height, width, 3]) };
}

function loadModel() {
  const folder = `${PACKAGE}models/x${SCALE}/`;
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(`${folder}model.json`, 'utf8'));
  const [{ paths, weights }] = weightsManifest;
  const weightData = new Uint8Array(readFileSync(folder + paths[0])).buffer;
  return tf.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs: weights, weightData }) });
}

/** Red, green and blue of each pixel. */
function read(file: string): { width: number; height: number; pixels: Float32Array } {
  const { width, height, data } = PNG.sync.read(readFileSync(file));
  const pixels = new Float32Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = data[Math.floor(i / 3) * 4 + (i % 3)] as number;
  return { width, height, pixels };
}

/** Into build/, which git ignores. */
function write(name: string, pixels: Float32Array, width: number, height: number): string {
  const png = new PNG({ width, height, colorType: 2 });
  png.data.fill(255);
  pixels.forEach((value, i) => {
    png.data[Math.floor(i / 3) * 4 + (i % 3)] = Math.round(Math.min(255, Math.max(0, value)));
  });
  const root = fileURLToPath(new URL('../../', import.meta.url));
  mkdirSync(`${root}build/examples`, { recursive: true });
  writeFileSync(`${root}build/examples/${name}`, PNG.sync.write(png));
  return `build/examples/${name}`;
}
