/** The check of a domain's held-out and validation text against the generic corpus, and reading what it found. */
import { join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { formatPlural } from '../../common/format.ts';
import { readOwnJson } from '../../common/own-json.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import { type Contamination, findContamination } from '../../corpus/similarity/contamination.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { defineStage, noPlaces } from './define.ts';
import type { StageServices } from './services.ts';
import { timed } from './timed.ts';

const CONTAMINATION_FILE = 'contamination.json';

const repeatedSchema = z.object({
  documents: z.number(),
  whole: z.array(z.object({ index: z.number(), source: z.string(), generic: z.string() })),
  part: z.array(z.object({ index: z.number(), source: z.string(), generic: z.string() })),
});
const contaminationSchema: z.ZodType<Contamination> = z.object({
  heldout: repeatedSchema,
  validation: repeatedSchema,
  notLookedFor: z.number(),
});

export const contamination = defineStage({
  kind: 'contamination',
  version: 2,
  parameters: z.strictObject({}),
  places: noPlaces,
  inputs: { domain: 'one', generic: 'one' },
  run: ({ input, directory, signal, book }) =>
    timed({ book }, async () => {
      const domainStore = await DocumentStore.open(input('domain').directory);
      const genericStore = await DocumentStore.open(input('generic').directory);
      const found = await findContamination(domainStore, genericStore, signal);
      await writeFileAtomic(join(directory, CONTAMINATION_FILE), JSON.stringify(found, null, 2));
    }),
});

/**
 * Held-out and validation documents of a domain that stand, whole or in part, in the generic corpus. Held-out ones that
 * stand there whole are left out of the evaluation; leaving them out of pretraining instead would give each domain a
 * pretraining of its own. Needs the two corpora only, so that it can be run before any training.
 */
export function contaminationStage(domain: Stage, generic: Stage, services: StageServices): Stage {
  return contamination.stage(
    {
      label: `held-out text of ${domain.subject} in the generic corpus`,
      subject: domain.subject,
      booking: 'specialization',
      parameters: {},
      places: null,
      inputs: { domain, generic },
    },
    services,
  );
}

/** What the stage found, from its artifact's folder. Throws `CorruptionError`. */
export function readContamination(directory: string): Promise<Contamination> {
  return readOwnJson(join(directory, CONTAMINATION_FILE), contaminationSchema);
}

/** Throws an `InputError` when nothing would be left to measure on: to be asked before any training. */
export function requireMeasurable(domain: string, { heldout }: Contamination): void {
  if (heldout.documents === 0 || heldout.whole.length < heldout.documents) return;
  const places = heldout.whole.slice(0, 3).map(({ source, generic }) => `${source} in ${generic}`);
  throw new InputError(
    `All ${formatPlural(heldout.documents, 'held-out document')} of ${domain} also stand in the generic corpus (${places.join(', ')}${heldout.documents > 3 ? ', …' : ''}): nothing is left to measure on.`,
    'Take the text of the domain out of the generic corpus ("exclude" of its source), or label other files as held-out.',
  );
}
