/** What is used of jasmine-core, which has no types of its own. */
declare namespace jasmine {
  interface SpecResult {
    readonly fullName: string;
    readonly status: string;
    readonly failedExpectations: readonly { readonly message: string }[];
  }
  interface Env {
    configure(options: { readonly random: boolean }): void;
    addReporter(reporter: { specDone(result: SpecResult): void }): void;
    execute(): Promise<void>;
  }
}

declare module 'jasmine-core/lib/jasmine-core/jasmine.js' {
  const jasmineRequire: object;
  export default jasmineRequire;
}

declare module 'jasmine-core/lib/jasmine-core/node_boot.js' {
  export default function boot(jasmineRequire: object): { getEnv(): jasmine.Env };
}
