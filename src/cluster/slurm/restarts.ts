/**
 * How often stages are sent again, and for how much time. One that gets on is sent as often as it takes; one whose time is
 * over before it has saved anything asks for more, and is given up where it cannot have more.
 */
import type { StageNeed } from '../../pipeline/executor.ts';
import { endlessJob, type Loss, timeTooShort } from './endings.ts';
import { LEAST_SECONDS } from './script.ts';
import type { SlurmSettings } from './settings.ts';

/** Losses in a row without anything saved. */
const MOST_LOSSES = 50;
/** Of these: its time was over. The user's own limit of time stays what it is. */
const MOST_IN_USERS_TIME = 2;
/** Each asks for twice the time of the one before: 64 times what was predicted, at the end. */
const MOST_DOUBLINGS = 6;

interface StageRecord {
  saved: string;
  losses: number;
  timesOver: number;
  doublings: number;
}

export class Restarts {
  readonly #time: SlurmSettings['time'];
  readonly #records = new Map<string, StageRecord>();

  constructor({ time }: Pick<SlurmSettings, 'time'>) {
    this.#time = time;
  }

  /** A job was lost that was at work on this stage. `saved`: of `savedWork`. Throws where sending it again is of no use. */
  count(stage: { readonly id: string; readonly label: string }, { kind }: Loss, saved: string): void {
    // What only waited for a job that was lost is sent as often as that one is.
    if (kind === 'upstream') return;
    const record = this.#records.get(stage.id) ?? { saved: '', losses: 0, timesOver: 0, doublings: 0 };
    this.#records.set(stage.id, record);
    const isFruitless = kind === 'no progress' || saved === record.saved;
    record.saved = saved;
    if (!isFruitless) {
      record.losses = 0;
      record.timesOver = 0;
      return;
    }
    record.losses++;
    if (record.losses > MOST_LOSSES) throw endlessJob(stage.label, record.losses);
    if (kind === 'other') return;
    record.timesOver++;
    record.doublings++;
    const most = this.#time === undefined ? MOST_DOUBLINGS + 1 : MOST_IN_USERS_TIME;
    if (record.timesOver >= most) throw timeTooShort(stage.label, record.timesOver, this.#time);
  }

  /** What to ask for now. */
  need(id: string, need: StageNeed): StageNeed {
    const doublings = this.#records.get(id)?.doublings ?? 0;
    if (doublings === 0) return need;
    return { ...need, seconds: Math.max(need.seconds, LEAST_SECONDS) * 2 ** doublings };
  }
}
