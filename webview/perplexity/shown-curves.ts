/** Which curves are listed and which of them are shown: by the reader's words, and without them by what tells most. */

import type { CurveFacts } from '../../src/experiments/runs/curve-facts.ts';
import type { Choices } from '../editor.ts';
import type { Curve, CurveStore } from './curve-store.ts';
import { informativeCurves } from './informative-curves.ts';
import type { ListedCurve } from './lines.ts';

export type Kind = CurveFacts['kind'];

/** In the order in which a model goes through them. */
const KINDS: readonly Kind[] = ['pretraining', 'fine-tuning'];

export class ShownCurves {
  /** In the experiment's order, which gives the colours. */
  methods: readonly string[] = [];
  readonly #choices: Pick<Choices, 'get'>;
  readonly #store: CurveStore;
  /** What is shown without a word of the reader; it stays once it is shown. */
  #kindAtFirst: Kind | undefined;
  #telling: ReadonlySet<string> = new Set();

  constructor(choices: Pick<Choices, 'get'>, store: CurveStore) {
    this.#choices = choices;
    this.#store = store;
  }

  get kinds(): readonly Kind[] {
    return KINDS.filter((kind) => this.#store.curves.some(({ facts }) => facts.kind === kind));
  }

  /**
   * The reader's choice; without one what trains when a training is first told of, which may be after other curves: they come
   * as their logs are read. What the reader has unfolded stays.
   */
  get kind(): Kind {
    const { kinds } = this;
    const chosen = kinds.find((kind) => kind === this.#choices.get('curve kind'));
    if (chosen !== undefined) return chosen;
    const training = this.#store.curves.find(({ facts }) => facts.state === 'training');
    const kind = this.#kindAtFirst ?? training?.facts.kind ?? kinds.at(-1) ?? 'pretraining';
    if (training !== undefined || this.#choices.get('training') === 'open') this.#kindAtFirst = kind;
    return kind;
  }

  get method(): string {
    const methods = this.#store.curves.flatMap(({ facts }) => facts.methods);
    const chosen = this.#choices.get('curve method');
    return chosen !== undefined && methods.includes(chosen) ? chosen : 'all';
  }

  /** What the choices of stage and method leave. */
  sorted(): { readonly shown: readonly ListedCurve[]; readonly hidden: readonly ListedCurve[] } {
    const listed = this.#listed();
    const curves = listed.map(({ curve }) => curve);
    const own = new Set(curves.map(({ facts }) => facts.id));
    const telling = informativeCurves(curves, this.#telling);
    this.#telling = new Set([...[...this.#telling].filter((id) => !own.has(id)), ...telling]);
    const isShown = ({ facts: { id } }: Curve): boolean => {
      const word = this.#choices.get(`curve ${id}`);
      return word === undefined ? telling.has(id) : word === 'shown';
    };
    return {
      shown: listed.filter(({ curve }) => isShown(curve)),
      hidden: listed.filter(({ curve }) => !isShown(curve)),
    };
  }

  #listed(): readonly ListedCurve[] {
    const { method, kind } = this;
    const dashes = new Map<number, number>();
    return this.#store.curves
      .filter(({ facts }) => facts.kind === kind && (method === 'all' || facts.methods.includes(method)))
      .map((curve) => {
        const place = this.methods.indexOf(curve.facts.methods[0] ?? '');
        const index = place < 0 ? this.methods.length : place;
        const dash = dashes.get(index) ?? 0;
        dashes.set(index, dash + 1);
        return { curve, index, dash };
      });
  }
}
