/** The document store of a corpus, for the floors above: index a corpus, open it, compare two. */
export {
  type DocumentRecord,
  DocumentStore,
  type DocumentText,
} from './document-store.ts';
export { corpusFingerprint } from './fingerprint.ts';
export { type IndexOptions, indexCorpus } from './indexing.ts';
export { type Contamination, findContamination } from './overlap.ts';
export { withPassedOver } from './passed-over.ts';
