/** All of labelling in the editor: tints, lenses, hovers, badges, problems, and what the commands do. */
import { Disposable } from 'vscode';
import type { Services } from '../services.ts';
import { labelCommands, type RunLabelCommand } from './commands.ts';
import { ExperimentFacts } from './experiment-facts.ts';
import { registerBadges } from './marks/badges.ts';
import { Decorations } from './marks/decorations.ts';
import { registerHovers } from './marks/hovers.ts';
import { registerLenses } from './marks/lenses.ts';
import { Problems } from './marks/problems.ts';
import { OpenDocuments } from './open-documents.ts';
import { Requests } from './requests.ts';
import { Review } from './review.ts';
import { LabelStores } from './store/label-stores.ts';
import { followRenames } from './store/renames.ts';

export class Labelling implements Disposable {
  readonly runCommand: RunLabelCommand;
  readonly #parts: Disposable;

  constructor(services: Services) {
    const { context, milestones } = services;
    const stores = new LabelStores();
    const documents = new OpenDocuments(stores);
    const facts = new ExperimentFacts(services);
    const review = new Review(services, stores);
    const requests = new Requests(stores, documents);
    const state = context.workspaceState;
    this.runCommand = labelCommands({ stores, requests, facts, review, state, milestones });
    this.#parts = Disposable.from(
      stores,
      documents,
      facts,
      new Problems(stores, documents, facts),
      followRenames(stores),
      new Decorations(documents, context.extensionUri),
      ...registerBadges(stores),
      ...registerLenses(stores, documents, facts, (file) => review.reasonOf(file)),
      registerHovers(stores, documents, facts),
    );
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
