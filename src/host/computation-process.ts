/** The computation as its host sees it: a process that tells news, can be stopped at a checkpoint, and ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { endOf } from '../experiments/execution/execute.ts';
import type { RunEvent } from '../experiments/runs/events.ts';
import {
  type ComputationEnd,
  type ComputationMessage,
  type ComputationStart,
  computationMessageSchema,
} from './ipc-messages.ts';

type News = Exclude<ComputationMessage, ComputationEnd>;

/** When one of them throws, as on a full disk, the computation is stopped and has failed with that. */
export interface NewsListener {
  onEvent(event: RunEvent): void;
  onProgress(progress: Extract<ComputationMessage, { type: 'progress' }>): void;
  onNote(text: string): void;
  onStandstill(why: string | undefined): void;
}

export class ComputationProcess {
  readonly #child: ChildProcess;
  /** Its last words, or how it broke off. */
  readonly ended: Promise<ComputationEnd>;

  constructor(program: string, start: ComputationStart, listener: NewsListener) {
    const args = [...process.execArgv, program, 'compute', JSON.stringify(start)];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.ended = this.#follow(listener);
  }

  /** Asks it to save a checkpoint and end. */
  stop(): void {
    if (this.#child.connected) this.#child.send({ type: 'stop' });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #follow(listener: NewsListener): Promise<ComputationEnd> {
    let end: ComputationEnd | undefined;
    let refused: ComputationEnd | undefined;
    this.#child.on('message', (message) => {
      const { success, data: news } = computationMessageSchema.safeParse(message);
      if (!success) return;
      if (news.type === 'end') end = news;
      else if (refused === undefined) {
        try {
          pass(news, listener);
        } catch (error) {
          refused = { type: 'end', ...endOf(error), state: 'failed' };
          this.stop();
        }
      }
    });
    return new Promise((done) => {
      this.#child.once('error', (error) =>
        done(failed(`The computation could not be started: ${error.message}`)),
      );
      this.#child.once('close', (code, signal) => done(refused ?? end ?? failed(brokenOff(code, signal))));
    });
  }
}

function pass(news: News, { onEvent, onProgress, onNote, onStandstill }: NewsListener): void {
  if (news.type === 'event') onEvent(news.event);
  else if (news.type === 'note') onNote(news.text);
  else if (news.type === 'standstill') onStandstill(news.why);
  else onProgress(news);
}

const failed = (message: string): ComputationEnd => ({
  type: 'end',
  state: 'failed',
  message,
  hint: 'Its last lines say more (Parlance: Show Log); resume it to try again from its last checkpoint.',
});

function brokenOff(code: number | null, signal: string | null): string {
  if (signal === 'SIGKILL') {
    return 'The computation was ended from outside: by a person, or by the system because memory ran out.';
  }
  return `The computation ended without a word (${signal ?? `exit status ${code}`}).`;
}
