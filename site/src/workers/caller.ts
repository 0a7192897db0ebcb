/** Questions to a worker, each with one answer. */

interface Question {
  readonly id: number;
  readonly request: unknown;
}

type Reply = { readonly id: number } & ({ readonly answer: unknown } | { readonly error: string });

/** What a worker's global scope has of its own: the DOM's types know it as a window. */
interface Scope {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}
export const scope = self as unknown as Scope;

/** In the worker: answers by what `answer` gives. Its `transfer` says what of that is moved and not copied. */
export function respond<Request, Answer>(
  answer: (request: Request) => Promise<Answer>,
  transfer: (answer: Answer) => Transferable[] = () => [],
): void {
  scope.addEventListener('message', async ({ data }: MessageEvent<Question>) => {
    const { id, request } = data;
    try {
      const given = await answer(request as Request);
      scope.postMessage({ id, answer: given }, transfer(given));
    } catch (error) {
      scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** In the page. */
export class Caller<Request, Answer> {
  private next = 0;
  private readonly waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();

  constructor(private readonly worker: Worker) {
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      const promise = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ('error' in data) promise?.reject(new Error(data.error));
      else promise?.resolve(data.answer as Answer);
    });
    worker.addEventListener('error', ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(new Error(message || 'the worker does not start'));
      this.waiting.clear();
    });
  }

  call(request: Request, transfer: Transferable[] = []): Promise<Answer> {
    const question: Question = { id: this.next++, request };
    return new Promise((resolve, reject) => {
      this.waiting.set(question.id, { resolve, reject });
      this.worker.postMessage(question, transfer);
    });
  }

  /** Whoever waits waits for ever. */
  end(): void {
    this.worker.terminate();
    this.waiting.clear();
  }
}
