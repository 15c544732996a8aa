/** The log of a run in words, a line an event; progress only where it has moved on noticeably. Pure. */

import type { Measurement } from '../../budget/measurement.ts';
import {
  formatBits,
  formatLocalTime,
  formatPerplexity,
  formatSeconds,
  formatZone,
} from '../../common/format.ts';
import type { Translate } from '../../common/translate.ts';
import type { LoggedEvent } from '../../experiments/runs/events.ts';
import { methodInWords } from '../../methods/titles.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import { percentWords } from '../run-words.ts';

/** Progress of a stage is written again after this share of it. */
const PROGRESS_STEP = 0.05;

/** Takes events piece by piece and keeps the lines. */
export class LogText {
  readonly #t: Translate;
  readonly #lines: string[] = [];
  readonly #progress = new Map<string, number>();
  #next = 0;

  constructor(t: Translate) {
    this.#t = t;
  }

  /** Events that were taken already are not taken again. */
  add(events: readonly LoggedEvent[]): void {
    for (const logged of events) {
      if (logged.sequence < this.#next) continue;
      this.#next = logged.sequence + 1;
      const words = this.#words(logged);
      if (words !== undefined) this.#lines.push(`${clock(logged.time)}  ${words}`);
    }
  }

  text(): string {
    const [first] = this.#lines;
    if (first === undefined) return this.#t('Nothing has happened yet.');
    return [this.#t('Times are {0}.', formatZone(new Date(first.slice(0, 19)))), ...this.#lines].join('\n');
  }

  #words({ event }: LoggedEvent): string | undefined {
    if (event.type === 'stage') return this.#stage(event.event);
    if (event.type === 'measurement') return this.#measurement(event.measurement);
    if (event.type === 'plan') return this.#t('{0} stages are part of this run', event.fingerprints.length);
    if (event.type !== 'state') return undefined;
    const { state, message, hint } = event;
    return [this.#t('The run: {0}', state), message, hint].filter((part) => part !== '').join(' · ');
  }

  #stage(event: StageEvent): string | undefined {
    const t = this.#t;
    const { label } = event;
    switch (event.state) {
      case 'started':
        return event.resumed ? t('{0}: goes on where it stopped', label) : t('{0}: begins', label);
      case 'progress':
        return this.#isDue(event.fingerprint, event.fraction)
          ? `${label}: ${percentWords(event.fraction)} · ${event.message}`
          : undefined;
      case 'waiting':
        return t('{0}: waits for process {1} on {2}, which computes the same', label, event.pid, event.host);
      case 'reused':
        return t('{0}: made earlier, used again', label);
      case 'finished':
        return t('{0}: finished, {1} in all', label, formatSeconds(event.cost.seconds));
      case 'failed':
        return [t('{0}: failed. {1}', label, event.message), event.hint].filter(Boolean).join(' ');
      case 'interrupted':
        return t('{0}: stopped; what it has done is kept', label);
      case 'quarantined':
        return t(
          '{0}: was damaged and is computed anew. {1} Moved to {2}',
          label,
          event.message,
          event.movedTo,
        );
    }
  }

  #measurement({
    method,
    domain,
    seed,
    phase,
    perplexity,
    bitsPerByte,
    validationPerplexity,
  }: Measurement): string {
    return this.#t(
      '{0} on {1}, seed {2}, {3}: held-out perplexity {4} ({5} bits per byte), validation {6}',
      methodInWords(method),
      domain,
      seed,
      phase,
      formatPerplexity(perplexity),
      formatBits(bitsPerByte),
      formatPerplexity(validationPerplexity),
    );
  }

  #isDue(fingerprint: string, fraction: number): boolean {
    const before = this.#progress.get(fingerprint);
    if (before !== undefined && fraction < 1 && fraction - before < PROGRESS_STEP) return false;
    this.#progress.set(fingerprint, fraction);
    return true;
  }
}

/** `2026-03-01 12:25:07`, on the reader's clock; the seconds are the same in all zones. */
function clock(time: string): string {
  return `${formatLocalTime(time)}${time.slice(16, 19)}`;
}
