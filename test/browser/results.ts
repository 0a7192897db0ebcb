/** What a page tells the test that opened it: one result for each of its cases, left on `window.results`. */
export interface Result {
  readonly name: string;
  /** What the case threw; absent where it passed. */
  readonly error?: string;
}

export interface Case {
  readonly name: string;
  readonly body: () => void | Promise<void>;
}

declare global {
  interface Window {
    results?: readonly Result[];
    failure?: string;
  }
}

const describe = (error: unknown): string => String(error instanceof Error ? (error.stack ?? error) : error);

/** Runs the cases one after the other. */
export async function report(collect: () => Promise<readonly Case[]>): Promise<void> {
  try {
    const results: Result[] = [];
    for (const { name, body } of await collect()) {
      try {
        await body();
        results.push({ name });
      } catch (error) {
        results.push({ name, error: describe(error) });
      }
    }
    window.results = results;
  } catch (error) {
    window.failure = describe(error);
  }
}
