/**
 * A stage is one resumable computation. Its fingerprint is the hash of its kind, version, parameters and the
 * fingerprints of its inputs; its artifact is stored under that fingerprint and never computed twice.
 */
import type { Booking, Cost } from '../budget/ledger.ts';
import { hashJson } from '../common/hash.ts';
import type { Json } from '../common/json.ts';

export interface Stage {
  /** What it computes, for example `tokenizer` or `pretrain`. */
  readonly kind: string;
  /** For people: the kind and what sets this one apart, for example `pretrain small, seed 1, 2.1M tokens`. */
  readonly label: string;
  /** What it is about, for labels of what is made from it and for messages: `small, seed 1, 2.1M tokens`. */
  readonly subject: string;
  /** Raised whenever the code changes what the stage would leave. */
  readonly version: number;
  readonly parameters: Json;
  /** Where to find what the parameters name by content; no part of the fingerprint. */
  readonly places: Json;
  /** By role, for example `{ tokenizer, corpus }`. */
  readonly inputs: Readonly<Record<string, Stage>>;
  readonly booking: Booking;
  /** Computes the artifact into `context.directory`, resuming from what an interrupted attempt left there. */
  run(context: StageContext): Promise<void>;
}

/** What a running stage gets from the pipeline. */
export interface StageContext {
  /** An empty folder, or what an interrupted attempt at this same fingerprint left in it. It becomes the artifact. */
  readonly directory: string;
  /** Checkpoints and other things that help to resume but are no part of the artifact; removed afterwards. */
  readonly scratch: string;
  /** The folder of a finished input. */
  input(role: string): string;
  /** Aborted when the user stops the work; the stage then saves what it needs to resume and throws InterruptedError. */
  readonly signal: AbortSignal;
  /** Reports how far it is; called as often as the stage likes, thinned out by the receiver. */
  progress(progress: StageProgress): void;
  /** Adds to what this stage has cost, in this attempt and in earlier ones. */
  book(cost: Cost): void;
  /** Sets what this stage has cost, earlier attempts included: of work that its own checkpoint counts. */
  bookTotal(cost: Cost): void;
}

export interface StageProgress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** For people, for example `step 120/400 · loss 4.31 · 22,100 tok/s`. */
  readonly message: string;
  /** Numbers worth keeping in the event log, for example `{ step: 120, loss: 4.31 }`. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A stage never changes, and a grid asks for the same stages' fingerprints many times over. */
const known = new WeakMap<Stage, string>();

/** The SHA-256 fingerprint of a stage and, through its inputs, of everything that led to it. */
export function fingerprint(stage: Stage): string {
  const found = known.get(stage);
  if (found !== undefined) return found;
  const inputs: Record<string, string> = {};
  for (const role of Object.keys(stage.inputs).sort()) inputs[role] = fingerprint(stage.inputs[role]);
  const { kind, version, parameters } = stage;
  const made = hashJson({ kind, version, parameters, inputs });
  known.set(stage, made);
  return made;
}
