/** Writes the JSON Schemas of the files that users write, from the definitions in the code: `npm run schemas`. */
import { writeFileAtomic } from '../src/common/files.ts';
import { labelsJsonSchema } from '../src/corpus/labels/labels.ts';
import { experimentJsonSchema } from '../src/experiments/config/experiment-file.ts';

const schemas = { labels: labelsJsonSchema(), experiment: experimentJsonSchema() };
for (const [name, schema] of Object.entries(schemas)) {
  await writeFileAtomic(`media/schemas/${name}.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`);
}
