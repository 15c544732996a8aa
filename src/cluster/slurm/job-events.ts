/**
 * What a job tells: its stages' events, a JSON object a line, in a file of the storage that only that job appends to and
 * whoever follows the run reads. A line counts once its end is written.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../../common/errors.ts';
import { explainWriteError } from '../../common/files.ts';
import { type StageEvent, stageEventSchema } from '../../pipeline/stage-event.ts';

/** Shortest distance between two events of progress. */
const PROGRESS_MS = 1000;

/** Writes events; progress is thinned out. */
export function jobEventWriter(path: string): (event: StageEvent) => void {
  mkdirSync(dirname(path), { recursive: true });
  let toldMs = Number.NEGATIVE_INFINITY;
  return (event) => {
    const now = performance.now();
    if (event.state === 'progress' && event.fraction < 1 && now - toldMs < PROGRESS_MS) return;
    toldMs = now;
    try {
      // The first line end closes a line that a kill tore off.
      appendFileSync(path, `\n${JSON.stringify(event)}\n`);
    } catch (error) {
      throw explainWriteError(error, path);
    }
  };
}

/** Reads what was written since it was made, each event once. */
export class JobEventReader {
  readonly #path: string;
  #offset: number;

  private constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  /** From the end of what is there now on. */
  static async fromNow(path: string): Promise<JobEventReader> {
    return new JobEventReader(path, (await bytesFrom(path, 0)).length);
  }

  async read(): Promise<readonly StageEvent[]> {
    const data = await bytesFrom(this.#path, this.#offset);
    const end = data.lastIndexOf(0x0a) + 1;
    this.#offset += end;
    const lines = data.subarray(0, end).toString('utf8').split('\n');
    return lines.flatMap((line) => eventOf(line) ?? []);
  }
}

/** What a kill tore off is no event. */
function eventOf(line: string): StageEvent | undefined {
  if (line === '') return undefined;
  try {
    return stageEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function bytesFrom(path: string, offset: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const data = Buffer.alloc(Math.max(0, size - offset));
      const { bytesRead } = await file.read(data, 0, data.length, offset);
      return data.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
