/**
 * The methods in words, in one place: plain enough for a notification, short enough for a row and a table. A module of
 * its own without imports, so that the editor and its panels can say them without loading what the methods compute.
 */
export const METHOD_TITLES = {
  'slm-nopt': 'Trained on the domain alone',
  slm: 'Pretrained on generic text',
  'slm-lora': 'Pretrained, low-rank fine-tuning',
  llm: 'Large model',
  'llm-lora': 'Large model, low-rank fine-tuning',
  'slm-d': 'Distilled from the large model',
  'slm-is': 'Pretrained on look-alike text',
  'slm-is-cont': 'Generic, then look-alike and domain text',
  'slm-dsir': 'Pretrained on text chosen by n-grams',
  'slm-mix': 'Mixture of experts, one chosen',
  'slm-pn': 'Projected from a network of experts',
} as const;

/**
 * Whether “from scratch” is said of a method: it trains on the domain alone. Its pretraining tokens do not tell, since what
 * adapts a given model has none either.
 */
export function isFromScratch(id: string): boolean {
  return id === 'slm-nopt';
}

const FROM_RANDOM_WEIGHTS = new Set<string>(['slm-nopt', 'slm-is', 'slm-dsir']);

/** Whether its training begins with random weights even where a model was given (docs/methods.md). */
export function ignoresGiven(id: string): boolean {
  return FROM_RANDOM_WEIGHTS.has(id);
}

const titles = new Map<string, string>(Object.entries(METHOD_TITLES));

/** The method's words; `recorded`, which older results may hold, of a method that this version does not know. */
export function methodTitle(id: string, recorded = ''): string {
  return titles.get(id) ?? recorded;
}

/** The words, then the id: `Pretrained on look-alike text (slm-is)`; the id alone where there are no words. */
export function methodInWords(id: string, recorded = ''): string {
  const title = methodTitle(id, recorded);
  return title === '' ? id : `${title} (${id})`;
}
