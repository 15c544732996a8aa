/** Writes media/schemas/labels.schema.json from the zod schema: `node --import tsx scripts/write-labels-schema.ts`. */
import { writeFileAtomic } from '../src/common/files.ts';
import { labelsJsonSchema } from '../src/corpus/labels.ts';

await writeFileAtomic(
  'media/schemas/labels.schema.json',
  `${JSON.stringify(labelsJsonSchema(), undefined, 2)}\n`,
);
