/**
 * Counts as types, so that a tile of each is a function of its own when compiled: `offsetof<Four>()` is 4, a constant, and what depends on it is decided then.
 * AssemblyScript has no generics over values.
 */
@unmanaged
export class One {
  a: u8;
}
@unmanaged
export class Two {
  a: u16;
}
@unmanaged
export class Three {
  a: u16;
  b: u8;
}
@unmanaged
export class Four {
  a: u32;
}
@unmanaged
export class Five {
  a: u32;
  b: u8;
}
@unmanaged
export class Six {
  a: u32;
  b: u16;
}
