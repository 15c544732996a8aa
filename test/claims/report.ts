/**
 * `docs/claims.md`: for each preset that was measured the verdicts as a table and the figures behind them, between two markers;
 * all else in it is a person's and stays.
 */
import { formatCompact, formatSeconds } from '../../src/common/format.ts';
import { mean } from '../../src/common/means.ts';
import type { PresetName } from '../../src/experiments/config/presets.ts';
import { type ClaimVerdict, figure } from './claim.ts';
import { SAMPLE_IN_WORDS } from './domain-folder.ts';
import type { Sizes } from './experiments.ts';
import type { DomainFindings } from './findings.ts';
import { asPreset, type Place, Points } from './points.ts';
import {
  type Advice,
  type AdviceInSetting,
  AS_GOOD,
  adviceInWords,
  adviceOnLeftOutDomains,
  distancesIn,
} from './recommendations.ts';
import { bestSmallMethod, claims, verdictsOf } from './verdicts.ts';

export interface ClaimsPart {
  readonly preset: PresetName;
  /** With placeholders for paths. */
  readonly command: string;
  readonly sizes: Sizes;
}

/** The document; `before` is what stood in the file. A preset's part takes the place of its last one. */
export function claimsDocument(
  findings: readonly DomainFindings[],
  part: ClaimsPart,
  before = '# The paper’s claims, tested\n',
): string {
  const { preset } = part;
  const [begin, end] = [`<!-- preset ${preset} -->`, `<!-- end of preset ${preset} -->`];
  const written = `${begin}\n\n${presetPart(findings, part)}\n\n${end}`;
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  return from < 0 || to < from
    ? `${before.trimEnd()}\n\n${written}\n`
    : `${before.slice(0, from)}${written}${before.slice(to + end.length)}`;
}

function presetPart(findings: readonly DomainFindings[], { preset, command, sizes }: ClaimsPart): string {
  const verdicts = findings.map((one) => ({ domain: one.domain, verdicts: verdictsOf(one) }));
  const domains = findings.map(({ domain, seeds }) => (seeds.length === 1 ? `${domain} (one seed)` : domain));
  const parts = [
    `## Preset ${preset}`,
    introduction(findings, command, sizes),
    RULE,
    '### Verdicts',
    markdownTable(
      ['claim', ...domains],
      claims.map(({ claim, statement }) => [
        `${claim}. ${statement}`,
        ...verdicts.map((one) => verdictOf(claim, one.verdicts).verdict),
      ]),
    ),
    '### The best of the small methods against slm',
    [
      'Each as the preset has it, at the total cost of slm with the largest pretraining budget, for one domain (N = 1). Where a',
      'method was measured with the largest budget alone, that counts. The best is the one with the lowest held-out perplexity, known only',
      'afterwards. Held: 5 % lower perplexity or more.',
    ].join('\n'),
    markdownTable(['domain, in-domain tokens', 'best', 'seen', '5 % or more'], findings.flatMap(bestAtSizes)),
    ...adviceSection(findings),
    '### Figures behind the verdicts',
    'Perplexities are geometric means over the seeds, on held-out text, a token of the experiment’s tokenizer.',
    ...claims.flatMap(({ claim, statement, paper }) => [
      `#### Claim ${claim}`,
      `${statement}. The paper: ${paper}.`,
      markdownTable(
        ['domain', 'seen', 'verdict'],
        verdicts.map((one) => {
          const { seen, verdict } = verdictOf(claim, one.verdicts);
          return [one.domain, seen, verdict];
        }),
      ),
    ]),
    '### With all the text there is',
    [
      'Trained on all files of a domain, where all else in this part is measured with a sample of them; held out is the same text.',
      `In brackets how often the text was seen; training on it has ${formatCompact(sizes.fineTuning.maximumTokens)} tokens at most, or one pass.`,
    ].join('\n'),
    allTheText(findings, sizes),
    '### Perplexities',
    [
      'With the largest pretraining budget but in the last columns. By the paper’s own rules, and as the preset has the method where that is not',
      'the same; slm-is-cont is not the paper’s.',
    ].join('\n'),
    ...findings.flatMap((one) => [`#### ${one.domain}`, perplexities(one)]),
  ];
  return parts.join('\n\n');
}

/** Rows of the table, for every in-domain size but all the text: a domain need not have all sizes of the preset. */
function bestAtSizes(findings: DomainFindings): readonly (readonly string[])[] {
  const points = new Points(findings);
  return points.sizes.flatMap((_, size) => {
    const tokens = points.asked(size);
    if (tokens === 'all') return [];
    const { method, seen, verdict } = bestSmallMethod(findings, size);
    return [[`${findings.domain}, ${formatCompact(tokens)}`, method, seen, verdict]];
  });
}

/** What a reader may expect of the planner's advice for a domain of their own. */
function adviceSection(findings: readonly DomainFindings[]): readonly string[] {
  const settings = adviceOnLeftOutDomains(findings, distancesIn(findings));
  const all = adviceIn(settings);
  if (all.length === 0) return [];
  const domains = [...new Set(all.map(({ domain }) => domain))];
  const far = findings.map(
    ({ domain, overClusters: over }) => `${domain} ${over?.distance.toFixed(2) ?? 'not known'}`,
  );
  return [
    '### Advice for a domain that was not measured',
    [
      'What the rule behind `parlance plan` recommends from the points of the other domains within the budgets, put to the test on the',
      'domain that was left out, with the preset’s own rules for experts, projection and decay. The others are weighted by how',
      `alike their distance from the generic text is ([how](decisions/likeness.md); in nats: ${far.join(', ')}).`,
      'Each method stands there with its point that is lowest on validation text; “best” is the one of these with the lowest',
      'held-out perplexity, known only afterwards.',
      `The advice is ${howGood(all)}; with all others counting alike it is ${howGood(adviceIn(adviceOnLeftOutDomains(findings, new Map())))}.`,
      'How fast a weight falls was chosen on the first seed of the five domains of this repository, which flatters the figure there.',
    ].join('\n'),
    markdownTable(
      ['budgets, for one domain', ...domains],
      settings.map(({ setting, advice }) => [
        setting,
        ...domains.map((domain) => {
          const found = advice.find((one) => one.domain === domain);
          return found === undefined ? '' : adviceInWords(found);
        }),
      ]),
    ),
  ];
}

function adviceIn(settings: readonly AdviceInSetting[]): readonly Advice[] {
  return settings.flatMap(({ advice }) => advice);
}

/** `within 1 % of the best in 66 of 75 (88 %), 0.4 % above it in the mean`; what cannot be followed is told apart. */
function howGood(all: readonly Advice[]): string {
  const asGood = all.filter(({ loss }) => loss <= AS_GOOD).length;
  const share = Math.round((100 * asGood) / all.length);
  const followed = all.filter(({ loss }) => Number.isFinite(loss));
  const others = all.length - followed.length;
  const above = (100 * mean(followed.map(({ loss }) => loss))).toFixed(1);
  return [
    `within ${100 * AS_GOOD} % of the best in ${asGood} of ${all.length} (${share} %)`,
    ...(followed.length > 0 ? [`${above} % above it in the mean`] : []),
    ...(others > 0 ? [`not within the budgets in ${others}`] : []),
  ].join(', ');
}

const RULE = [
  'A verdict rests on each seed’s ratio of perplexities. *Held*: all seeds agree in sign and the mean of the logarithms',
  'reaches the claim’s threshold. *Undecided*: seeds disagree; with one seed nothing can be undecided, and a verdict is no surer than',
  'that one training of each model. *Not held*: otherwise. A claim of several parts is held when all are. Costs are counted',
  'FLOPs, clustering included; equal cost is interpolated along the pretraining budgets, and beyond them the nearest budget',
  'counts. Numbers of claims and thresholds are those of the replication plan; its models are a hundredth of the paper’s or less.',
].join('\n');

function introduction(findings: readonly DomainFindings[], command: string, sizes: Sizes): string {
  const { small, large } = sizes.models;
  const shape = ({ layers, width, feedForward }: typeof small) =>
    `${layers} layers of width ${width}, feed-forward ${feedForward}`;
  const circumstances = findings.flatMap((one) =>
    one.circumstances.map(({ date, commit, processor }) => `${date}, commit ${commit}, ${processor}`),
  );
  const took = findings.map(({ domain, seeds, processorTime: { seconds, counted, runs } }) => {
    const of = counted < runs ? `, ${counted} of ${runs} runs` : '';
    return `${domain} ${formatSeconds(seconds)} (seeds ${seeds.join(', ')}${of})`;
  });
  const list = (values: readonly (number | string)[]) =>
    values.map((value) => (typeof value === 'number' ? formatCompact(value) : value)).join(', ');
  return [
    ...[...new Set(circumstances)].sort().map((one) => `- ${one}`),
    `- \`${command}\``,
    `- small model: ${shape(small)}; large model: ${shape(large)}; vocabulary ${formatCompact(sizes.vocabulary)}, context ${sizes.context}`,
    `- text: ${SAMPLE_IN_WORDS}`,
    `- pretraining tokens ${list(sizes.pretraining.budgets)}; in-domain tokens ${list(sizes.fineTuning.domainTokens)}`,
    `- processor time, all runs added up, generic work with the domain that came first: ${took.join('; ')}`,
  ].join('\n');
}

/** How far pretraining still pays where in-domain text is plenty. */
function allTheText(findings: readonly DomainFindings[], { fineTuning }: Sizes): string {
  const { budgets } = new Points(findings[0]);
  const rows = findings.map((one) => {
    const tuned = one.measurements.filter(
      ({ experiment, phase }) => experiment === 'all the text' && phase === 'after fine-tuning',
    );
    const most = Math.max(...tuned.map(({ domainTokens }) => domainTokens));
    const cell = (tokens: number): string => {
      const own = tuned.filter(({ pretrainingTokens }) => pretrainingTokens === tokens);
      const passes = mean(own.map(({ steps }) => steps)) * (fineTuning.batchTokens / most);
      return `${figure(own.map(({ perplexity }) => perplexity))} (${passes.toFixed(1)})`;
    };
    return [one.domain, formatCompact(most), ...[0, ...budgets].map(cell)];
  });
  const pretrained = budgets.map((tokens) => `slm, ${formatCompact(tokens)} pretraining`);
  return markdownTable(['domain', 'in-domain tokens', 'slm-nopt', ...pretrained], rows);
}

function verdictOf(claim: number, verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  const found = verdicts.find((one) => one.claim === claim);
  if (found === undefined) throw new RangeError(`There is no verdict on claim ${claim}.`);
  return found;
}

/** It has no pretraining. */
const SCRATCH = 'slm-nopt';

/** Every method of the core experiment along both axes of the grid, and the large ones where they were measured. */
function perplexities(findings: DomainFindings): string {
  const points = new Points(findings);
  const budgets = points.budgets.slice(0, -1);
  const cell = (place: Place): string => {
    const isNeeded = place.experiment === undefined && (place.method !== SCRATCH || place.size !== undefined);
    return isNeeded || points.has(place) ? figure(points.perplexities(place)) : '';
  };
  const row = (name: string, place: Place): readonly string[] => [
    name,
    cell(place),
    ...points.sizes.map((_, size) => cell({ ...place, size })),
    ...budgets.map((_, budget) => (place.method === SCRATCH ? '' : cell({ ...place, budget, size: 0 }))),
  ];
  const [smallest] = points.sizes;
  const header = [
    'method',
    'before fine-tuning',
    ...points.sizes.map((tokens) => `${formatCompact(tokens)} in-domain`),
    ...budgets.map((tokens) => `${formatCompact(smallest)} after ${formatCompact(tokens)} pretraining`),
  ];
  const papers = [SCRATCH, 'slm', 'slm-is', 'slm-mix', 'slm-pn'];
  return markdownTable(header, [
    ...papers.map((method) => row(method, { method })),
    ...[...papers, 'slm-is-cont']
      .filter((method) => asPreset(method) !== 'core')
      .map((method) => row(`${method} as the preset has it`, { method, experiment: asPreset(method) })),
    ...['llm', 'slm-d'].map((method) => row(method, { method, experiment: 'large' })),
  ]);
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
