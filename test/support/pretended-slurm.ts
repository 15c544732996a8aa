/**
 * Programs of Slurm's names that do nothing: what is sent is written down, and a test says what is in the queue. For what
 * a real Slurm does only now and then.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from './waiting.ts';

export interface PretendedJob {
  readonly id: number;
  readonly state: string;
  readonly reason?: string;
  readonly exitCode?: number;
}

export class PretendedSlurm {
  readonly #folder = mkdtempSync(join(tmpdir(), 'parlance-pretended-slurm-'));

  /** In front of the PATH of this process, until the test ends. Job numbers count from 1. */
  constructor(t: TestContext) {
    for (const part of ['bin', 'sent', 'cancelled', 'requeued']) mkdirSync(join(this.#folder, part));
    this.#program(
      'squeue',
      [
        `echo >> "${this.#folder}/asked"`,
        `[ -e "${this.#folder}/silent" ] && { ${SILENCE}; }`,
        `[ -e "${this.#folder}/words" ] && { cat "${this.#folder}/words" >&2; exit 1; }`,
        `cat "${this.#folder}/queue"`,
      ].join('\n'),
    );
    this.#program(
      'sbatch',
      [
        `n=$(( $(ls "${this.#folder}/sent" | wc -l) + 1 ))`,
        'cat > /dev/null',
        `printf '%s\\n' "$@" > "${this.#folder}/writing" && mv "${this.#folder}/writing" "${this.#folder}/sent/$n"`,
        `[ -e "${this.#folder}/deaf" ] && { rm "${this.#folder}/deaf"; ${SILENCE}; }`,
        'echo $n',
      ].join('\n'),
    );
    this.#program('scancel', `for one in "$@"; do touch "${this.#folder}/cancelled/$one"; done`);
    this.#program('scontrol', `[ "$1" = requeue ] && touch "${this.#folder}/requeued/$2"`);
    this.tell([]);
    const path = process.env.PATH;
    process.env.PATH = `${join(this.#folder, 'bin')}:${path}`;
    t.after(() => {
      process.env.PATH = path;
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /** What the queue is from now on. */
  tell(jobs: readonly PretendedJob[]): void {
    const told = jobs.map(({ id, state, reason = 'None', exitCode = 0 }) => ({
      job_id: id,
      name: 'parlance',
      job_state: state,
      state_reason: reason,
      exit_code: exitCode * 256,
      comment: this.#commentOf(id),
    }));
    writeFileSync(join(this.#folder, 'queue'), JSON.stringify({ jobs: told }));
  }

  /** The controller does not answer `squeue` any more, or does again. */
  set isSilent(silent: boolean) {
    const path = join(this.#folder, 'silent');
    if (silent) writeFileSync(path, '');
    else rmSync(path, { force: true });
  }

  /** `squeue` fails with these words, or with none any more. */
  set refusal(words: string | undefined) {
    const path = join(this.#folder, 'words');
    if (words === undefined) rmSync(path, { force: true });
    else writeFileSync(path, words);
  }

  /** How often `squeue` was called. */
  get askedCount(): number {
    return readFileSync(join(this.#folder, 'asked'), 'utf8').length;
  }

  /** The next job is taken, but the answer does not arrive. */
  loseNextAnswer(): void {
    writeFileSync(join(this.#folder, 'deaf'), '');
  }

  get sentCount(): number {
    return readdirSync(join(this.#folder, 'sent')).length;
  }

  /** The options of a job. */
  optionsOf(id: number): readonly string[] {
    return readFileSync(join(this.#folder, 'sent', `${id}`), 'utf8')
      .trim()
      .split('\n');
  }

  get cancelled(): readonly string[] {
    return readdirSync(join(this.#folder, 'cancelled')).sort();
  }

  /** What was put back into the queue by `scontrol`. */
  get requeued(): readonly string[] {
    return readdirSync(join(this.#folder, 'requeued')).sort();
  }

  async hasSent(count: number): Promise<void> {
    await until(`${count} jobs are sent`, () => this.sentCount >= count);
  }

  #commentOf(id: number): string {
    const comment = this.optionsOf(id).find((one) => one.startsWith('--comment='));
    return comment?.slice('--comment='.length) ?? '';
  }

  #program(name: string, script: string): void {
    const path = join(this.#folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }
}

const SILENCE = 'echo "slurm error: Unable to contact slurm controller" >&2; exit 1';
