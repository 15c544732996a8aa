/** A program that stands for the editor: follows an experiment, and says the indexer's process once that is ready. */
import { IndexerClient } from '../../../src/indexer/client.ts';

const [program, file] = process.argv.slice(2);
const client = new IndexerClient({ program, trusted: () => true });
client.watch(file, ({ state }) => {
  if (state === 'ready') process.stdout.write(`${client.processId}\n`);
});
