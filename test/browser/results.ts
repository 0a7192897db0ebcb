/** What a page tells the test that opened it: one result for each of its cases, left on `window.results`. */
export interface Result {
  readonly name: string;
  /** What the case threw; absent where it passed. */
  readonly error?: string;
  /** What the browser has not; absent where the case ran. */
  readonly lacks?: string;
}

export interface Case {
  readonly name: string;
  readonly body: () => void | Promise<void>;
  /** What it needs and the browser has not. */
  readonly lacks?: string | undefined;
}

declare global {
  interface Window {
    results?: readonly Result[];
    failure?: string;
  }
}

/** WebKit's stacks are without the message. */
function describe(error: unknown): string {
  const { stack = '' } = error instanceof Error ? error : {};
  return stack.includes(String(error)) ? stack : `${error}\n${stack}`;
}

/** Runs the cases one after the other. */
export async function outcomes(cases: readonly Case[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name, body, lacks } of cases) {
    if (lacks !== undefined) {
      results.push({ name, lacks });
      continue;
    }
    try {
      await body();
      results.push({ name });
    } catch (error) {
      results.push({ name, error: describe(error) });
    }
  }
  return results;
}

/** Leaves the results, or why there are none, to the test. */
export async function leave(run: () => Promise<readonly Result[]>): Promise<void> {
  try {
    window.results = await run();
  } catch (error) {
    window.failure = describe(error);
  }
}

export const report = (collect: () => Promise<readonly Case[]>): Promise<void> => leave(async () => outcomes(await collect()));
