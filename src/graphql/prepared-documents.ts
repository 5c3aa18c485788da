import type { DocumentNode } from 'graphql';

/** Documents differ by program, not by user: a few hundred serve every client of a workspace. */
const MAX_DOCUMENTS = 1_000;

/**
 * Parsed documents by their text, filled by Apollo's first run of each. A repeated operation needs no parser and none of
 * Apollo's pipeline (100 of its 150 µs); everything after the parser is the same executor.
 */
export class PreparedDocuments {
  private readonly documents = new Map<string, DocumentNode>();

  find(text: string): DocumentNode | undefined {
    return this.documents.get(text);
  }

  /** The oldest makes room: what is in use comes back with its next request. */
  remember(text: string, document: DocumentNode): void {
    if (this.documents.has(text)) return;
    const [oldest] = this.documents.keys();
    if (this.documents.size >= MAX_DOCUMENTS && oldest !== undefined) this.documents.delete(oldest);
    this.documents.set(text, document);
  }
}
