/** A slot of one of tfjs's registries, of a kernel or of a gradient function. */
export interface Slot<Config extends object> {
  get(): Config | undefined;
  /** None empties it. */
  put(config: Config | undefined): void;
}

interface Replacement {
  readonly before: object | undefined;
  restored: boolean;
}

const replacements = new WeakMap<object, Replacement>();

/** Whether this library put it where it is, and it is in use. */
export const isOurs = (config: object | undefined): boolean => config !== undefined && replacements.get(config)?.restored === false;

/** Puts a config in a slot. Returns what undoes it: what was there before comes back as soon as nothing that was put there later is in use. */
export function replace<Config extends object>(slot: Slot<Config>, config: Config): () => void {
  const mine: Replacement = { before: slot.get(), restored: false };
  replacements.set(config, mine);
  slot.put(config);
  return () => {
    mine.restored = true;
    for (let top = slot.get(); top; top = slot.get()) {
      const ours = replacements.get(top);
      if (!ours?.restored) return;
      slot.put(ours.before as Config | undefined);
    }
  };
}
