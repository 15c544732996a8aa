/**
 * *Create Experiment…* and `parlance init`: up to nine questions, each with an answer proposed from what the folder and the
 * machine have. The answers become parlance.json at the end and not before; going back and cancelling leave everything as
 * it was.
 */
import { parseCount } from '../../budget/planner/amounts.ts';
import type { Translate } from '../../common/translate.ts';
import { type Answer, type Dialogue, isAnswer, type Outcome, type Place, type Step } from './dialogue.ts';
import type { PresetMemory } from './memory-fit.ts';
import { ModelQuestion, type ModelSources } from './model-question.ts';
import {
  browseItem,
  bundledItem,
  domainItem,
  domainSizeItems,
  genericItem,
  methodItems,
  noneItem,
  type PlaceItem,
  presetItems,
  pretrainingItems,
  seedItems,
  sizesInWords,
} from './offers.ts';
import { pathFrom } from './paths.ts';
import {
  type Choices,
  domainNames,
  domainPlaces,
  type FolderFacts,
  genericPlaces,
  parseSizes,
  possibleMethods,
  proposedBudgets,
  proposedChoices,
  proposedDomainTokens,
  proposedGeneric,
} from './propose.ts';
import { FEWEST_DOCUMENTS, type TextPlace, workspaceFacts } from './workspace-facts.ts';

export interface MachineMemory {
  readonly presets: PresetMemory;
  readonly freeBytes: number;
}

/** What is known before the first question. */
export interface Surroundings extends FolderFacts {
  /** Absent in a workspace that is not trusted. */
  readonly machine?: MachineMemory;
  readonly models: ModelSources;
}

export class Wizard {
  readonly #surroundings: Surroundings;
  readonly #dialogue: Dialogue;
  readonly #t: Translate;
  readonly #model: ModelQuestion;
  /** Of the experiment that is there already what the folder does not offer. */
  readonly #given: readonly TextPlace[];
  /** Generic text of elsewhere. */
  readonly #outside: TextPlace[];
  #choices: Choices;

  /** `before`: answers to begin with, of an experiment that is there already. */
  constructor(surroundings: Surroundings, before: Partial<Choices>, dialogue: Dialogue, t: Translate) {
    this.#surroundings = surroundings;
    this.#dialogue = dialogue;
    this.#t = t;
    const { facts, models } = surroundings;
    this.#model = new ModelQuestion(facts.root, models, dialogue, t);
    this.#choices = proposedChoices(surroundings, before);
    const { domains, generic } = this.#choices;
    const isGiven = ({ sources }: TextPlace): boolean => sources !== undefined;
    this.#given = domains.map(({ place }) => place).filter(isGiven);
    this.#outside = generic !== undefined && isGiven(generic) ? [generic] : [];
  }

  get choices(): Choices {
    return this.#choices;
  }

  /** The questions; the last step, which shows what they lead to, is the caller's. */
  get steps(): readonly Step[] {
    // Without generic text there is no pretraining, and from scratch one method.
    const hasPretraining = this.#choices.generic !== undefined;
    const hasMethods = possibleMethods(this.#choices).length > 1;
    return [
      (place) => this.#domains(place),
      (place) => this.#begin(place),
      (place) => this.#generic(place),
      (place) => this.#preset(place),
      ...(hasMethods ? [(place: Place) => this.#methods(place)] : []),
      ...(hasPretraining ? [(place: Place) => this.#pretraining(place)] : []),
      (place) => this.#domainTokens(place),
      (place) => this.#seeds(place),
    ];
  }

  async #domains(place: Place): Promise<Outcome> {
    const { facts, name } = this.#surroundings;
    const offered = [...this.#given, ...domainPlaces(facts, this.#choices.generic)];
    const items = offered.map((one) => domainItem(one, this.#t));
    const chosen = this.#choices.domains.map((domain) => keyOf(domain.place));
    const question = facts.complete
      ? this.#t('Which text is your domain? Each choice becomes a domain of its own.')
      : this.#t('Which text is your domain? (The first {0} files were looked at.)', facts.files);
    const selected = items.filter((item) => isPlace(item.place) && chosen.includes(keyOf(item.place)));
    const answer = await this.#enoughText(place, question, items, selected);
    if (!isAnswer(answer)) return answer;
    const places = answer.flatMap(({ place: one }) => (isPlace(one) ? [one] : []));
    const before = this.#choices.domains;
    if (places.map(keyOf).sort().join() !== chosen.sort().join()) {
      const nameOf = (one: TextPlace) => before.find((domain) => keyOf(domain.place) === keyOf(one))?.name;
      const domains = domainNames(places, name, nameOf);
      this.#change({ domains, domainTokens: proposedDomainTokens(domains, this.#choices.preset) });
    }
    return 'next';
  }

  /** Asks again while a domain is chosen that could not be split. */
  async #enoughText(
    place: Place,
    question: string,
    items: readonly PlaceItem[],
    selected: readonly PlaceItem[],
  ): Promise<Answer<readonly PlaceItem[]>> {
    let placeholder = question;
    for (;;) {
      const answer = await this.#dialogue.pickMany(place, { placeholder, items, selected });
      if (!isAnswer(answer) || !answer.some((item) => isPlace(item.place) && item.place.isTooFew)) {
        return answer;
      }
      placeholder = this.#t(
        'A domain needs {0} documents or more: to train on, for validation, and held out.',
        FEWEST_DOCUMENTS,
      );
      selected = answer;
    }
  }

  async #begin(place: Place): Promise<Outcome> {
    const { from } = this.#choices;
    const answer = await this.#model.ask(place, from?.small);
    if (!isAnswer(answer)) return answer;
    if (answer.folder !== from?.small) this.#takeModel(answer.folder);
    return 'next';
  }

  /** Generic text that was only proposed is proposed anew, and other methods are possible. */
  #takeModel(folder: string | undefined): void {
    const { from: before, generic, preset, ...others } = this.#choices;
    const { small: _small, ...large } = before ?? {};
    const from = folder === undefined ? large : { ...large, small: folder };
    const isProposed = isSame(generic, proposedGeneric(this.#surroundings, before));
    const after = isProposed ? proposedGeneric(this.#surroundings, from) : generic;
    const budgets = proposedBudgets(preset, { generic: after, from });
    this.#choices = { ...others, from, preset, ...budgets, ...(after && { generic: after }) };
  }

  async #generic(place: Place): Promise<Outcome> {
    for (;;) {
      const { facts, bundled } = this.#surroundings;
      const inside = genericPlaces(facts, this.#choices.domains);
      const items: readonly PlaceItem[] = [
        ...[...this.#outside, ...inside].map((one) => genericItem(one, this.#t)),
        ...(bundled === undefined ? [] : [bundledItem(bundled, this.#t)]),
        browseItem(this.#t),
        noneItem(this.#choices, this.#t),
      ];
      const { generic } = this.#choices;
      const active = items.find(({ place: one }) =>
        isPlace(one) ? isSame(one, generic) : one === 'none' && generic === undefined,
      );
      const placeholder = this.#t('Which text is generic: much of it, about anything, for pretraining?');
      const answer = await this.#dialogue.pickOne(place, { placeholder, items, active });
      if (!isAnswer(answer)) return answer;
      if (answer.place !== 'browse') {
        this.#takeGeneric(answer.place === 'none' ? undefined : answer.place);
        return 'next';
      }
      const found = await this.#browse();
      if (found !== undefined) this.#addOutside(found);
    }
  }

  #addOutside(found: TextPlace): void {
    if (!this.#outside.some((one) => isSame(one, found))) this.#outside.unshift(found);
    this.#takeGeneric(found);
  }

  /** With and without generic text other methods are possible. */
  #takeGeneric(generic: TextPlace | undefined): void {
    const { generic: before, preset, ...others } = this.#choices;
    const isOther = (before === undefined) !== (generic === undefined);
    const budgets = isOther ? proposedBudgets(preset, { ...others, generic }) : {};
    this.#choices = { ...others, preset, ...budgets, ...(generic && { generic }) };
  }

  async #browse(): Promise<TextPlace | undefined> {
    const { root } = this.#surroundings.facts;
    const chosen = await this.#dialogue.pickFolder(this.#t('Use as Generic Corpus'));
    if (chosen === undefined) return undefined;
    const { files, bytes } = await workspaceFacts(chosen);
    return { path: pathFrom(root, chosen), files, bytes };
  }

  async #preset(place: Place): Promise<Outcome> {
    const { machine } = this.#surroundings;
    const items = presetItems(this.#choices, machine?.presets, machine?.freeBytes ?? 0, this.#t);
    const active = items.find(({ preset }) => preset === this.#choices.preset);
    const placeholder = this.#t('How large? A preset has sizes, budgets and seeds that fit together.');
    const answer = await this.#dialogue.pickOne(place, { placeholder, items, active });
    if (!isAnswer(answer)) return answer;
    const { preset } = answer;
    if (preset !== this.#choices.preset) {
      const domainTokens = proposedDomainTokens(this.#choices.domains, preset);
      this.#change({ preset, ...proposedBudgets(preset, this.#choices), domainTokens });
    }
    return 'next';
  }

  async #methods(place: Place): Promise<Outcome> {
    const { machine } = this.#surroundings;
    const items = methodItems(this.#choices, machine?.presets, machine?.freeBytes ?? 0);
    const selected = items.filter(({ id }) => this.#choices.methods.includes(id));
    const placeholder = this.#t('Which methods are compared?');
    const answer = await this.#dialogue.pickMany(place, { placeholder, items, selected });
    if (!isAnswer(answer)) return answer;
    this.#change({ methods: items.filter((item) => answer.includes(item)).map(({ id }) => id) });
    return 'next';
  }

  async #pretraining(place: Place): Promise<Outcome> {
    const items = pretrainingItems(this.#choices, this.#t);
    const current = sizesInWords(this.#choices.pretrainingTokens, this.#t);
    const active = items.find(({ description }) => description === current);
    const placeholder = this.#t('How much pretraining? Each budget is one point of the trade-off.');
    for (;;) {
      const answer = await this.#dialogue.pickOne(place, { placeholder, items, active });
      if (!isAnswer(answer)) return answer;
      const sizes = answer.sizes === 'ask' ? await this.#askSizes(place) : answer.sizes;
      if (sizes === 'cancel') return sizes;
      if (sizes === 'back') continue;
      this.#change({ pretrainingTokens: sizes });
      return 'next';
    }
  }

  async #askSizes(place: Place): Promise<readonly number[] | 'back' | 'cancel'> {
    const check = (text: string): string | undefined =>
      parseSizes(text, parseCount) === undefined
        ? this.#t('Rising numbers of tokens, such as 64k, 256k, 1M.')
        : undefined;
    const given = this.#choices.pretrainingTokens.join(', ');
    const prompt = this.#t('Pretraining budgets in tokens, rising');
    const answer = await this.#dialogue.askText(place, prompt, given, check);
    return isAnswer(answer) ? (parseSizes(answer.text, parseCount) ?? []) : answer;
  }

  async #domainTokens(place: Place): Promise<Outcome> {
    const items = domainSizeItems(this.#choices, this.#t);
    const [all] = items;
    const selected = items.filter((item) => item === all || this.#choices.domainTokens.includes(item.size));
    const placeholder = this.#t(
      'All in-domain text is trained on. Which smaller sizes besides, to see what less text gives?',
    );
    const answer = await this.#dialogue.pickMany(place, { placeholder, items, selected, always: all });
    if (!isAnswer(answer)) return answer;
    const curve = items.filter((item) => item !== all && answer.includes(item));
    this.#change({ domainTokens: [...curve.map(({ size }) => size), 'all'] });
    return 'next';
  }

  async #seeds(place: Place): Promise<Outcome> {
    const items = seedItems(this.#choices.seeds, this.#t);
    const active = items.find(({ seeds }) => seeds.join() === this.#choices.seeds.join());
    const placeholder = this.#t('How often is everything repeated, with other random numbers?');
    const answer = await this.#dialogue.pickOne(place, { placeholder, items, active });
    if (!isAnswer(answer)) return answer;
    this.#change({ seeds: answer.seeds });
    return 'next';
  }

  #change(changes: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...changes };
  }
}

const isPlace = (place: PlaceItem['place']): place is TextPlace => typeof place === 'object';

const keyOf = ({ path, include, sources }: TextPlace): string =>
  JSON.stringify([path, include ?? null, sources ?? null]);

const isSame = (a: TextPlace | undefined, b: TextPlace | undefined): boolean =>
  a === undefined || b === undefined ? a === b : keyOf(a) === keyOf(b);
