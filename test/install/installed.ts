import { afterAll, beforeAll } from 'vitest';
import { type Installed, installPacked } from './packages.js';

/** The packed library for the tests of a file; `folder` and `tarball` are there when they run. */
export function installedForTests(): Pick<Installed, 'folder' | 'tarball'> {
  let installed: Installed | undefined;
  beforeAll(() => {
    installed = installPacked();
  }, 900_000);
  afterAll(() => installed?.remove());
  const there = (): Installed => {
    if (!installed) throw new Error('the packed library is installed when the tests run');
    return installed;
  };
  return {
    get folder() {
      return there().folder;
    },
    get tarball() {
      return there().tarball;
    },
  };
}
