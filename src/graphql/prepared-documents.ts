import type { DocumentNode } from 'graphql';

/** Text that is kept; its parsed form takes some 35 times as much. Programs have few documents, and small ones. */
const MAX_CHARACTERS = 1_000_000;

/**
 * Parsed documents by their text, filled when Apollo has run one. A repeated operation needs no parser and none of
 * Apollo's pipeline (100 of its 150 µs); everything after the parser is the same executor.
 */
export class PreparedDocuments {
  private readonly documents = new Map<string, DocumentNode>();
  private characterCount = 0;

  find(text: string): DocumentNode | undefined {
    return this.documents.get(text);
  }

  /** For documents that have run. The oldest make room: what is in use comes back with its next request. */
  remember(text: string, document: DocumentNode): void {
    if (this.documents.has(text)) return;
    this.documents.set(text, document);
    this.characterCount += text.length;
    for (const oldest of this.documents.keys()) {
      if (this.characterCount <= MAX_CHARACTERS) return;
      this.documents.delete(oldest);
      this.characterCount -= oldest.length;
    }
  }
}
