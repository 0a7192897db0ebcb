/** What an engine of several threads has beside the kernels: fetched where threads are asked for. */
import { Pool } from '../threads/pool.js';
import { withSharedMemory } from '../threads/shared-module.js';
import { spawnerOf } from '../threads/spawn.js';
import { packingOfView, Schedules, scheduleOf, wgradScheduleOf } from './schedule.js';
import type { WgradProgram } from './select.js';
import { cutAlong } from './split.js';
import { cutAxes, cutSums } from './split-axes.js';

/** Of one instance, by what is run. */
const schedules = () => ({
  called: new Schedules(scheduleOf),
  planned: new Schedules(scheduleOf),
  wgrad: new Schedules<WgradProgram>(({ kernel, views }, circumstances) => wgradScheduleOf(kernel, views[0], circumstances)),
  wgradByGemm: new Schedules<WgradProgram>(({ views }, circumstances) => wgradScheduleOf('wgrad', views[0], circumstances)),
});

export const SHARING = { Pool, withSharedMemory, spawnerOf, schedules, packingOfView, cutAlong, cutAxes, cutSums } as const;

export type Sharing = typeof SHARING;
