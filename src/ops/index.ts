import type { Engine } from '../engine.js';
import { shown } from '../inspect.js';
import type { Info, Kernels, MemoryInfo } from '../types.js';
import { version } from '../version.js';
import { disposable, Host } from './context.js';
import { convOp } from './conv.js';
import { foldOp, unfoldOp } from './fold.js';
import { matmulOp } from './matmul.js';
import { tensorOp } from './tensor.js';

/** As asked for at `load`, and why no other threads were started. */
interface Circumstances {
  readonly deterministic?: boolean;
  readonly threadsReason?: string | undefined;
}

/** Every operation over one engine, which the result owns. */
export function kernelsOver(engine: Engine, { deterministic = false, threadsReason }: Circumstances = {}): Kernels {
  const host = new Host(engine, deterministic);
  return disposable({
    info: infoOf(host, engine, deterministic, threadsReason),
    conv1d: convOp(host, 1, false),
    conv2d: convOp(host, 2, false),
    conv3d: convOp(host, 3, false),
    convTranspose1d: convOp(host, 1, true),
    convTranspose2d: convOp(host, 2, true),
    convTranspose3d: convOp(host, 3, true),
    unfold: unfoldOp(host),
    fold: foldOp(host),
    matmul: matmulOp(host),
    tensor: tensorOp(host),
    dispose: () => host.dispose(),
  });
}

/** What is running. It does not hold the engine: after `dispose` its memory can be collected, and is reported as none. */
function infoOf(host: Host, { variant, tile, blocks, maxBytes }: Engine, deterministic: boolean, reason?: string): Info {
  const info: Info = {
    version,
    variant,
    get threads(): number {
      return host.disposed ? 1 : host.use('info.threads').threads;
    },
    get threadsReason(): string | undefined {
      return host.disposed ? undefined : (host.use('info.threadsReason').threadsReason ?? reason);
    },
    deterministic,
    tile: Object.freeze([...tile]),
    blocks: Object.freeze([...blocks]),
    get memory(): MemoryInfo {
      if (host.disposed) return { liveBytes: 0, capacityBytes: 0, maxBytes, workspaceBytes: 0 };
      const { liveBytes, capacityBytes, workspaceBytes } = host.use('info.memory');
      return { liveBytes, capacityBytes, maxBytes, workspaceBytes };
    },
  };
  return Object.freeze(shown(info));
}
