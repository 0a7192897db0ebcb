/** Faces in a photograph, found by the models of npm `@vladmandic/face-api`; and a MobileNetV2 made of layers. */
import { readFileSync } from 'node:fs';
import { decode } from 'jpeg-js';
import { heading, indent, paint, table } from '../terminal.js';
import { makeMobileNet } from './mobilenet.js';
import { folderOf } from './packages.js';
import { compare, QUICK, THOROUGH } from './race.js';
import { enter, require, SIDES, tf } from './tfjs.js';

const PACKAGE = folderOf('@vladmandic/face-api');
const ON_WASM = [SIDES.plainWasm, SIDES.fastWasm];
/** What the photograph is made smaller to. */
const HEIGHT = 640;
/** Of a result's largest value. */
const TOLERANCE = 1e-4;

type Tensor = import('@tensorflow/tfjs').Tensor;
type Picture = import('@tensorflow/tfjs').Tensor3D;

/** What is used of the package, whose types have a TensorFlow.js of their own. */
interface FaceApi {
  readonly nets: {
    readonly ssdMobilenetv1: Detector & { forward(photo: Tensor): Promise<{ boxes: Tensor[]; scores: Tensor[] }> };
    readonly tinyFaceDetector: Detector & { forward(photo: Tensor, size: number): Promise<Tensor> };
    readonly faceRecognitionNet: Net & { forward(face: Tensor): Promise<Tensor> };
  };
}
interface Net {
  loadFromDisk(folder: string): Promise<void>;
}
interface Detector extends Net {
  locateFaces(photo: Tensor, options?: object): Promise<Face[]>;
}
interface Face {
  readonly score: number;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Prints what was found, and says whether plain and accelerated wasm computed the same. */
export async function findFaces({ quick }: { readonly quick: boolean }): Promise<boolean> {
  const effort = quick ? QUICK : THOROUGH;
  console.log(heading('Faces'));
  await enter(SIDES.plainWasm);
  const { ssd, tiny, recognition, photo } = await loadFaces();
  const [plain, fast] = [await locate(SIDES.plainWasm, [ssd, tiny], photo), await locate(SIDES.fastWasm, [ssd, tiny], photo)];
  console.log(`\n  A photograph of the package, ${photo.shape[1]}x${photo.shape[0]}\n`);
  const rows = fast.map(({ by, score, box }, i) => [by, score.toFixed(4), plain[i]?.score.toFixed(4) ?? 'not found', placeOf(box)]);
  console.log(indent(table(['found by', '>score', '>on plain wasm', '>box (left, top, width, height)'], rows)));
  let good = fast.length > 0 && fast.length === plain.length && fast.every(({ box }, i) => placeOf(box) === placeOf(plain[i]?.box ?? box));

  const [first] = fast;
  const face = crop(photo, (first as Face).box, 150);
  const net = makeMobileNet(quick ? 32 : 224);
  const picture = crop(photo, { x: 0, y: 0, width: HEIGHT, height: HEIGHT }, quick ? 32 : 224);
  const batch = tf.tidy(() => tf.sub(tf.div(picture, 127.5), 1).expandDims<Tensor>(0));
  const models: Record<string, () => Tensor[] | Promise<Tensor[]>> = {
    'ssd mobilenet, the detector': async () => {
      const { boxes, scores } = await ssd.forward(photo);
      return [...boxes, ...scores];
    },
    'the tiny detector, at 416': async () => [await tiny.forward(photo, 416)],
    'the recognition net, of a face': async () => [await recognition.forward(face)],
    'a MobileNetV2 of layers, by chance': () => [net.predict(batch) as Tensor],
  };
  for (const [name, run] of Object.entries(models)) {
    const { lines, difference } = await compare(ON_WASM, run, effort);
    console.log(`\n  ${paint('bold', name)}\n${indent(lines)}`);
    good &&= difference < TOLERANCE;
  }
  console.log(
    `\n  The results are ${good ? paint('green', 'the same') : paint('red', 'NOT THE SAME')} (within ${TOLERANCE} of the largest)`,
  );
  net.dispose();
  tf.dispose([photo, face, picture, batch]);
  return good;
}

/** The nets, and a photograph, of the package. */
export async function loadFaces() {
  // The build that takes the TensorFlow.js of this folder.
  const { nets } = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi;
  const { ssdMobilenetv1: ssd, tinyFaceDetector: tiny, faceRecognitionNet: recognition } = nets;
  for (const net of [ssd, tiny, recognition]) await net.loadFromDisk(`${PACKAGE}model`);
  return { ssd, tiny, recognition, photo: read(`${PACKAGE}demo/sample1.jpg`) };
}

async function locate(side: typeof SIDES.plainWasm | typeof SIDES.fastWasm, [ssd, tiny]: [Detector, Detector], photo: Tensor) {
  await enter(side);
  const faces = async (by: string, net: Detector) => (await net.locateFaces(photo, {})).map(({ score, box }) => ({ by, score, box }));
  return [...(await faces('ssd mobilenet', ssd)), ...(await faces('tiny detector', tiny))];
}

const placeOf = ({ x, y, width, height }: Face['box']): string => [x, y, width, height].map(Math.round).join(', ');

/** Red, green and blue. */
function read(file: string): Picture {
  const { width, height, data } = decode(readFileSync(file), { useTArray: true, formatAsRGBA: false });
  return tf.tidy(() => {
    const whole = tf.tensor3d(Float32Array.from(data), [height, width, 3]);
    return tf.image.resizeBilinear(whole, [HEIGHT, Math.round((HEIGHT * width) / height)]);
  });
}

function crop(photo: Picture, box: Face['box'], size: number): Picture {
  const [top, left] = [Math.max(0, Math.round(box.y)), Math.max(0, Math.round(box.x))];
  const [height, width] = [Math.min(photo.shape[0] - top, Math.round(box.height)), Math.min(photo.shape[1] - left, Math.round(box.width))];
  return tf.tidy(() => tf.image.resizeBilinear(tf.slice(photo, [top, left, 0], [height, width, 3]), [size, size]));
}
