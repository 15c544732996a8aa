/** The question what the small model begins with: nothing, a folder that was found or is named, or a model of the hub. */
import { resolve } from 'node:path';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { formatCompact } from '../../common/format.ts';
import type { Translate } from '../../common/translate.ts';
import { isModelId } from '../../hub/names.ts';
import { type Answer, type Dialogue, isAnswer, type Offer, type Place } from './dialogue.ts';
import { type ModelFolder, modelFolder } from './model-folders.ts';
import { pathFrom } from './paths.ts';

export interface ModelSources {
  readonly found: readonly ModelFolder[];
  /**
   * Fetches a model of the hub after asking, and says where it is; `undefined` when the user did not want it. Throws a
   * `ParlanceError` when it cannot be had.
   */
  fetch(id: string): Promise<string | undefined>;
}

interface ModelItem extends Offer {
  readonly model: ModelFolder | 'none' | 'browse' | 'fetch';
}

export class ModelQuestion {
  /** Paths are relative to this folder. */
  readonly #root: string;
  readonly #sources: ModelSources;
  readonly #dialogue: Dialogue;
  readonly #t: Translate;
  readonly #known: ModelFolder[];

  constructor(root: string, sources: ModelSources, dialogue: Dialogue, t: Translate) {
    this.#root = root;
    this.#sources = sources;
    this.#dialogue = dialogue;
    this.#t = t;
    this.#known = [...sources.found];
  }

  /** `chosen`: the folder that is proposed; `undefined` for a model that is trained from scratch. */
  async ask(
    place: Place,
    chosen: string | undefined,
  ): Promise<Answer<{ readonly folder: string | undefined }>> {
    let proposed = chosen;
    let mistake = await this.#mistakeOf(async () => {
      if (chosen !== undefined) await this.#know(resolve(this.#root, chosen), chosen);
    });
    for (;;) {
      const items = this.#items();
      const active = items.find(({ model }) => (isFolder(model) ? model.path : undefined) === proposed);
      const placeholder = mistake ?? this.#t('What does the small model begin with?');
      const answer = await this.#dialogue.pickOne(place, { placeholder, items, active });
      if (!isAnswer(answer)) return answer;
      const { model } = answer;
      if (model === 'none') return { folder: undefined };
      if (isFolder(model)) return { folder: model.path };
      let isCancelled = false;
      mistake = await this.#mistakeOf(async () => {
        const folder = model === 'browse' ? await this.#browse() : await this.#fetch(place);
        isCancelled = folder === 'cancel';
        if (folder === undefined || folder === 'cancel') return;
        const path = model === 'browse' ? pathFrom(this.#root, folder) : folder;
        proposed = await this.#know(folder, path);
      });
      if (isCancelled) return 'cancel';
    }
  }

  #items(): readonly ModelItem[] {
    const t = this.#t;
    return [
      {
        label: t('From scratch'),
        icon: 'sparkle',
        description: t('a model of the preset’s size, with a tokenizer of your text'),
        model: 'none',
      },
      ...this.#known.map((model) => ({
        label: model.name,
        icon: 'package',
        description: t('{0} parameters', formatCompact(model.parameters)),
        detail: model.path,
        model,
      })),
      {
        label: t('The model in another folder…'),
        icon: 'folder-opened',
        description: t('a Hugging Face folder of the Llama layout'),
        model: 'browse',
      },
      {
        label: t('One from the Hugging Face hub…'),
        icon: 'cloud-download',
        description: t('licence and size are shown before it is downloaded'),
        model: 'fetch',
      },
    ];
  }

  #browse(): Promise<string | undefined> {
    return this.#dialogue.pickFolder(this.#t('Begin with This Model'));
  }

  async #fetch(place: Place): Promise<string | 'cancel' | undefined> {
    const check = (text: string): string | undefined =>
      isModelId(text) ? undefined : this.#t('Write <owner>/<name>, as in the address of its page.');
    const prompt = this.#t('Which model of the Hugging Face hub? Its name: <owner>/<name>');
    const answer = await this.#dialogue.askText(place, prompt, '', check);
    if (answer === 'back') return undefined;
    return isAnswer(answer) ? this.#sources.fetch(answer.text) : answer;
  }

  /** Puts a folder among those that are offered, and gives its path. Throws a `ParlanceError` when there is no such model. */
  async #know(folder: string, path: string): Promise<string> {
    const known = this.#known.find((one) => resolve(this.#root, one.path) === resolve(folder));
    if (known !== undefined) return known.path;
    this.#known.unshift(await modelFolder(folder, path));
    return path;
  }

  /** What is wrong, in words, and what to do. */
  async #mistakeOf(work: () => Promise<void>): Promise<string | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (!(error instanceof ParlanceError) || error instanceof InterruptedError) throw error;
      return `${error.message} ${error.hint}`;
    }
  }
}

const isFolder = (model: ModelItem['model']): model is ModelFolder => typeof model === 'object';
