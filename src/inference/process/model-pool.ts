/** The models that a process holds in memory: a few, the least recently used go first, and each after it was idle for long. */
import type { LanguageModel } from '../language-model.ts';

export interface ModelPoolOptions {
  readonly open: (folder: string) => Promise<LanguageModel>;
  /** How many are kept loaded; more only while more are in use at once. */
  readonly most: number;
  readonly idleMs: number;
  /** Calls after a time, unless what it answers with is called before. */
  readonly later: (ms: number, call: () => void) => () => void;
}

interface Held {
  readonly model: Promise<LanguageModel>;
  users: number;
  keep: () => void;
  /** Its files are others by now: it goes with its last user. */
  isReplaced: boolean;
}

export class ModelPool {
  readonly #options: ModelPoolOptions;
  /** By folder, the least recently used first. */
  readonly #held = new Map<string, Held>();

  constructor(options: ModelPoolOptions) {
    this.#options = options;
  }

  /** Folders of the models that are in memory. */
  get folders(): readonly string[] {
    return [...this.#held.keys()];
  }

  /**
   * Works with a model, which is loaded if it is not, and anew when its files were replaced or removed; it stays in memory
   * for as long as the work takes.
   */
  async use<T>(folder: string, work: (model: LanguageModel) => Promise<T>): Promise<T> {
    await this.#letGoIfReplaced(folder);
    const held = this.#take(folder);
    try {
      return await work(await held.model);
    } finally {
      held.users -= 1;
      if (held.users === 0) await this.#rest(folder, held);
    }
  }

  #take(folder: string): Held {
    const held = this.#held.get(folder) ?? {
      model: this.#open(folder),
      users: 0,
      keep: () => {},
      isReplaced: false,
    };
    held.keep();
    held.users += 1;
    this.#held.delete(folder);
    this.#held.set(folder, held);
    return held;
  }

  async #letGoIfReplaced(folder: string): Promise<void> {
    const held = this.#held.get(folder);
    const files = await held?.model.then(
      (model) => model.onDisk(),
      // Told to who asked for it; it is held no more.
      () => undefined,
    );
    if (held === undefined || files === 'same' || this.#held.get(folder) !== held) return;
    held.isReplaced = true;
    if (held.users === 0) await this.#drop(folder, held);
    else this.#held.delete(folder);
  }

  async #open(folder: string): Promise<LanguageModel> {
    try {
      await this.#makeRoom(this.#options.most - 1);
      return await this.#options.open(folder);
    } catch (error) {
      this.#held.delete(folder);
      throw error;
    }
  }

  async #rest(folder: string, held: Held): Promise<void> {
    if (held.isReplaced) await (await held.model).dispose();
    if (this.#held.get(folder) !== held) return;
    held.keep = this.#options.later(this.#options.idleMs, () => void this.#drop(folder, held));
    await this.#makeRoom(this.#options.most);
  }

  async #makeRoom(most: number): Promise<void> {
    const idle = [...this.#held].filter(([, { users }]) => users === 0);
    const surplus = idle.slice(0, Math.max(0, this.#held.size - most));
    await Promise.all(surplus.map(([folder, held]) => this.#drop(folder, held)));
  }

  async #drop(folder: string, held: Held): Promise<void> {
    held.keep();
    this.#held.delete(folder);
    await (await held.model).dispose();
  }
}
