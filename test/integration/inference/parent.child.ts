/** A program that stands for the editor: asks a model, says the process that runs it, and goes on asking. */
import { ModelProcess } from '../../../src/inference/process/client.ts';

const [program, folder] = process.argv.slice(2);
const models = new ModelProcess({ program, threads: 1 });
const request = {
  prompt: 'a',
  temperature: 1,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 1,
  mostTokens: 1_000_000,
  stop: [],
  alternatives: 0,
};
const tokens = models.model(folder).generate(request);
await tokens.next();
process.stdout.write(`${models.processId}\n`);
for await (const _ of tokens);
