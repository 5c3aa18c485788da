import type { EntityManager } from 'typeorm';
import { AllowedEventEntity } from './allowed-event.entity';

/** The whole list of the key in place of the old one. The key must be new or locked. */
export async function replaceAllowedEvents(
  tx: EntityManager,
  keyId: string,
  names: readonly string[],
): Promise<void> {
  await tx.delete(AllowedEventEntity, { keyId });
  if (names.length > 0)
    await tx.insert(
      AllowedEventEntity,
      names.map((name) => ({ keyId, name })),
    );
}
