/**
 * Questions in a terminal: the answers offered are numbered, and Enter takes what is proposed. Ctrl-C, and the end of the
 * input, cancel everything; nothing has happened then.
 */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { InterruptedError } from '../common/errors.ts';
import type { Answer, Dialogue, Offer, Place, Question } from '../experiments/proposal/dialogue.ts';

/** Goes back to the question before. */
const BACK = 'b';
const PROMPT = '> ';

export class TerminalDialogue implements Dialogue {
  readonly #lines: Interface;
  readonly #output: NodeJS.WritableStream;
  #isAsking = false;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#output = output;
    this.#lines = createInterface({ input, output });
    this.#lines.on('SIGINT', () => {
      // The terminal sends no signal while its keys are read, and something else may be under way, such as a download.
      if (!this.#isAsking && process.emit('SIGINT', 'SIGINT')) return;
      this.tell('');
      this.#lines.close();
    });
  }

  async pickOne<T extends Offer>(
    place: Place,
    question: Question<T> & { readonly active?: T | undefined },
  ): Promise<Answer<T>> {
    const { active, items } = question;
    const proposed = active === undefined ? [] : [active];
    this.#show(place, question, proposed);
    return this.#answered(place, `one number${proposalOf(items, proposed)}`, (text) => {
      if (text === '') return active;
      return /^\d+$/.test(text) ? items[Number(text) - 1] : undefined;
    });
  }

  async pickMany<T extends Offer>(
    place: Place,
    question: Question<T> & { readonly selected: readonly T[]; readonly always?: T },
  ): Promise<Answer<readonly T[]>> {
    const { selected, always, items } = question;
    this.#show(place, question, selected);
    const form = `numbers, such as 1 or 1,2${proposalOf(items, selected)}`;
    return this.#answered<readonly T[]>(place, form, (text) => {
      if (text === '') return selected.length > 0 ? selected : undefined;
      const numbers = text.split(/[,\s]+/).filter((one) => one !== '');
      const isWhole = numbers.every((one) => /^\d+$/.test(one) && items[Number(one) - 1] !== undefined);
      const chosen = items.filter((item, i) => item === always || numbers.includes(String(i + 1)));
      return isWhole && chosen.length > 0 ? chosen : undefined;
    });
  }

  async askText(
    place: Place,
    prompt: string,
    value: string,
    check: (text: string) => string | undefined,
  ): Promise<Answer<{ readonly text: string }>> {
    this.tell(`\n${titleOf(place)}\n${prompt}`);
    return this.#answered(place, `a line of text${value === '' ? '' : `; Enter: ${value}`}`, (line) => {
      const text = line === '' ? value : line;
      const mistake = check(text);
      if (mistake === undefined) return { text };
      this.tell(mistake);
      return undefined;
    });
  }

  async pickFolder(): Promise<string | undefined> {
    this.tell('Its path; Enter: none.');
    for (;;) {
      const text = await this.#line();
      if (text === undefined || text === '') return undefined;
      // A shell reads it so on a command line, but not here.
      const folder = resolve(text.replace(/^~(?=$|[\\/])/, homedir()));
      const isFolder = await stat(folder).then(
        (facts) => facts.isDirectory(),
        () => false,
      );
      if (isFolder) return folder;
      this.tell(`${folder} is no folder.`);
    }
  }

  /** Whether a question is answered with yes. Throws `InterruptedError` when it is not answered. */
  async isAgreed(question: string): Promise<boolean> {
    const answer = await this.#line(`${question} [y/N] `);
    if (answer !== undefined) return /^y(es)?$/i.test(answer);
    throw new InterruptedError('Stopped; nothing was done.', 'Run the same command again to begin anew.');
  }

  tell(text: string): void {
    this.#output.write(`${text}\n`);
  }

  close(): void {
    this.#lines.close();
  }

  #show<T extends Offer>(place: Place, { placeholder, items }: Question<T>, proposed: readonly T[]): void {
    const width = Math.max(...items.map(({ label }) => label.length));
    const lines = items.flatMap((item, i) => {
      const { label, description = '', detail, warns } = item;
      const mark = proposed.includes(item) ? '*' : ' ';
      const line = `${mark}${String(i + 1).padStart(3)}  ${label.padEnd(width)}  ${description}`.trimEnd();
      return detail === undefined ? [line] : [line, `      ${warns ? 'warning: ' : ''}${detail}`];
    });
    this.tell(`\n${[titleOf(place), placeholder, ...lines].join('\n')}`);
  }

  /** Asks until `read` gives something for the line. */
  async #answered<T>(
    { step }: Place,
    form: string,
    read: (text: string) => T | undefined,
  ): Promise<Answer<T>> {
    const back = step > 1 ? `; ${BACK}: back` : '';
    for (;;) {
      this.tell(`(${form}${back}; Ctrl-C: stop)`);
      const text = await this.#line();
      if (text === undefined) return 'cancel';
      if (step > 1 && text === BACK) return 'back';
      const answer = read(text);
      if (answer !== undefined) return answer;
    }
  }

  /** `undefined` once the input has ended. */
  #line(prompt = PROMPT): Promise<string | undefined> {
    this.#isAsking = true;
    return new Promise<string | undefined>((answer) => {
      const onClose = (): void => answer(undefined);
      this.#lines.once('close', onClose);
      this.#lines
        .question(prompt)
        .then((text) => answer(text.trim()), onClose)
        .finally(() => this.#lines.off('close', onClose));
    }).finally(() => {
      this.#isAsking = false;
    });
  }
}

/** With who sits at the terminal, wherever standard output goes: a question in a file is never seen. */
export function dialogueHere(): TerminalDialogue {
  return new TerminalDialogue(process.stdin, process.stdout.isTTY ? process.stdout : process.stderr);
}

const titleOf = ({ title, step, steps }: Place): string => `${title} (${step} of ${steps})`;

function proposalOf<T>(items: readonly T[], proposed: readonly T[]): string {
  const numbers = proposed.map((one) => items.indexOf(one) + 1).filter((number) => number > 0);
  return numbers.length === 0 ? '' : `; Enter: ${numbers.join(',')}`;
}
