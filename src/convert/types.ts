import type { Layout, PadMode } from '../types.js';

/** Positions at the start and at the end of an axis. */
export type Sides = readonly [before: number, after: number];

/** Whose words a convolution is in. TensorFlow's layers are Keras'. */
export type Framework = 'pytorch' | 'keras' | 'onnx' | 'webnn' | 'tfjs' | 'simdconv';

/**
 * What finds an axis's pads when the input's size is known.
 * - `same`: TensorFlow's SAME, ONNX's SAME_UPPER: ⌈input / stride⌉ outputs, of an odd total the larger half after.
 * - `same-lower`: ONNX's SAME_LOWER: the larger half before.
 * - `same-unclamped`: what TensorFlow.js does for three axes: as `same`, but where the kernel is smaller than the stride the total may be negative,
 *   and then half of it is cropped.
 * - `{ output, before }`: of a transposed convolution, the output's size. Of the total that has to be cropped for it, `before` is at the start, or the half that is
 *   said: `less` is ⌊total / 2⌋. The rest is at the end; where nothing has to be cropped, zeros are added there.
 */
export type PadRule =
  | 'same'
  | 'same-lower'
  | 'same-unclamped'
  | {
      /** The output's size in positions. */
      readonly output: number;
      /** Positions cropped at the start. */
      readonly before: number | 'less' | 'more';
      /** ONNX's output_padding: it counts to the total that is halved, not to what is cropped at the end. Default 0. */
      readonly extra?: number;
    };

/** One spatial axis of a convolution. */
export interface SpecAxis {
  /** Taps. */
  readonly kernel: number;
  /** Positions from one window to the next. */
  readonly stride: number;
  /** Positions from one tap to the next. */
  readonly dilation: number;
  /**
   * [before, after], or a rule that finds them. Of a convolution: positions added around its input, a negative number crops. Of a transposed one: positions
   * cropped from all that its windows reach, (input - 1)·stride + dilation·(kernel - 1) + 1; a negative number adds zeros, which get the bias too.
   */
  readonly padding: Sides | PadRule;
}

/** A convolution or a transposed one in no framework's words: what `from…` make and `to…` take. Plain data. */
export interface Spec {
  /** The framework that it was read from: `weightTo` takes weights in the order of this one. */
  readonly source: Framework;
  /** Whether it is transposed. */
  readonly transposed: boolean;
  /** One to three, outermost first. */
  readonly axes: readonly SpecAxis[];
  /** Parts of the channels that do not meet; 'depthwise' is as many as there are input channels, where their number was not said. */
  readonly groups: number | 'depthwise';
  /** Channels of the input, where they are known. */
  readonly inChannels?: number;
  /** Channels of the output, where they are known. */
  readonly outChannels?: number;
  /** With groups 'depthwise': outputs for each input channel. */
  readonly depthMultiplier?: number;
  /** Whether a bias is added to every output position. */
  readonly bias: boolean;
  /** What positive padding of a convolution adds. */
  readonly padMode: PadMode;
  /** Of the source's images; `inputShape` is given in it. */
  readonly layout: Layout;
  /** Of the source's weight, in WebNN's words; other sources have one order for each layout. */
  readonly filterLayout?: string;
}

/** A value of an argument: JSON, as it would be written in the framework. */
export type ArgValue = number | string | boolean | readonly (number | readonly number[])[];
/** Arguments by the framework's own names. What is left out has its default. */
export type Args = Readonly<Record<string, ArgValue>>;

/** A call of the framework that computes exactly this convolution. */
export interface Converted {
  /** The layer (PyTorch, Keras), operator (ONNX) or function (WebNN, TensorFlow.js, simdconv). */
  readonly op: string;
  /** Its arguments, without tensors. */
  readonly args: Args;
  /** The layout in which it takes its input and gives its output. */
  readonly layout: Layout;
}

/** A call among other steps. */
export interface Call extends Converted {
  /** What its weight has that the convolution's has not; `weightTo` puts it in. `dilated`: the zeros between the taps. `unsqueezed`: a first spatial axis of one tap. */
  readonly weight?: readonly ('dilated' | 'unsqueezed')[];
}

/** A step of what to do instead. Each works on the result of the one before it, the first on the input. */
export type Step =
  | Call
  | {
      /** Positions taken away from each spatial axis, [before, after]. */
      readonly crop: readonly Sides[];
    }
  | {
      /** Positions added to each spatial axis, [before, after]. */
      readonly pad: readonly Sides[];
      /** What they hold. */
      readonly mode: PadMode;
    }
  | {
      /** The bias is added here and not in the op, so that padded positions get it too. */
      readonly bias: true;
    }
  | {
      /** A spatial axis of size 1 goes in before the others. */
      readonly unsqueeze: true;
    }
  | {
      /** The first spatial axis, of size 1, is taken out. */
      readonly squeeze: true;
    };

/** No call of the framework computes this convolution with its own kernel, stride and dilation. */
export interface Impossible {
  /** Why not. */
  readonly impossible: string;
  /** Steps that compute it all the same, of which one is a call of the framework. Empty where the framework has no such convolution at all. */
  readonly instead: readonly Step[];
}

/** What `to…` give. */
export type Conversion = Converted | Impossible;

/** snake_case in camelCase. */
export type Camel<S extends string> = S extends `${infer Head}_${infer Rest}` ? `${Head}${Capitalize<Camel<Rest>>}` : S;
/** A description with the framework's own names, or with the same names in camel case. */
export type EitherSpelling<T> = T | { readonly [K in keyof T as Camel<K & string>]: T[K] };
